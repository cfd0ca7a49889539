import type { KnownNames } from '../../api/customers/use-known-names.ts';
import { NameInput } from '../../ui/name-input.tsx';
import { COMPARISONS } from './condition-rules.ts';
import type { Rule } from './condition-rules.ts';

interface RuleFieldsProps<Kind extends Rule = Rule> {
  readonly rule: Kind;
  readonly names: KnownNames;
  readonly onChange: (rule: Rule) => void;
}

type Of<Kind extends Rule['kind']> = RuleFieldsProps<Extract<Rule, { readonly kind: Kind }>>;

/** What is chosen for one rule, in the order of a sentence. */
export function RuleFields({ rule, names, onChange }: RuleFieldsProps) {
  const given = { names, onChange };
  switch (rule.kind) {
    case 'did':
      return <DidFields rule={rule} {...given} />;
    case 'since':
      return <SinceFields rule={rule} {...given} />;
    case 'trait':
      return <TraitFields rule={rule} {...given} />;
    case 'consent':
      return (
        <span className="rule-fields">
          <Not value={rule.isNot} yes="agreed to" no="refused" onChange={(isNot) => onChange({ ...rule, isNot })} />
          <NameInput
            label="Purpose"
            isLabelHidden
            placeholder="marketing"
            value={rule.category}
            names={['marketing', 'email', 'sms', 'analytics']}
            onChange={(category) => onChange({ ...rule, category })}
          />
        </span>
      );
    case 'segment':
      return (
        <span className="rule-fields">
          <Not value={rule.isNot} yes="is in" no="is not in" onChange={(isNot) => onChange({ ...rule, isNot })} />
          <NameInput
            label="Segment"
            isLabelHidden
            placeholder="segment"
            value={rule.segment}
            names={names.segments}
            onChange={(segment) => onChange({ ...rule, segment })}
          />
        </span>
      );
  }
}

function DidFields({ rule, names, onChange }: Of<'did'>) {
  return (
    <span className="rule-fields">
      <Not value={rule.isNot} yes="did" no="did not do" onChange={(isNot) => onChange({ ...rule, isNot })} />
      <EventField value={rule.event} names={names} onChange={(event) => onChange({ ...rule, event })} />
      <span className="rule-words">
        at least
        <NumberField label="Times" value={rule.times} least={1} onChange={(times) => onChange({ ...rule, times })} />
        {rule.times === 1 ? 'time' : 'times'}
      </span>
      <span className="rule-words">
        <select
          className="select"
          aria-label="Since when"
          value={rule.days === 0 ? 'ever' : 'within'}
          onChange={(change) => onChange({ ...rule, days: change.target.value === 'ever' ? 0 : 30 })}
        >
          <option value="within">within</option>
          <option value="ever">ever</option>
        </select>
        {rule.days === 0 ? null : (
          <>
            <NumberField label="Days" value={rule.days} least={1} onChange={(days) => onChange({ ...rule, days })} />
            days
          </>
        )}
      </span>
    </span>
  );
}

function SinceFields({ rule, names, onChange }: Of<'since'>) {
  return (
    <span className="rule-fields">
      <EventField value={rule.event} names={names} onChange={(event) => onChange({ ...rule, event })} />
      <span className="rule-words">
        <select
          className="select"
          aria-label="How long ago"
          value={rule.is}
          onChange={(change) => onChange({ ...rule, is: change.target.value === '<=' ? '<=' : '>=' })}
        >
          <option value=">=">was last at least</option>
          <option value="<=">was last at most</option>
        </select>
        <NumberField label="Days" value={rule.days} least={0} onChange={(days) => onChange({ ...rule, days })} />
        days ago
      </span>
    </span>
  );
}

function TraitFields({ rule, names, onChange }: Of<'trait'>) {
  const needsValue = rule.is !== 'has' && rule.is !== '!has';
  return (
    <span className="rule-fields">
      <NameInput
        label="Trait"
        isLabelHidden
        placeholder="Trait"
        value={rule.trait}
        names={names.traits}
        onChange={(trait) => onChange({ ...rule, trait })}
      />
      <select
        className="select"
        aria-label="Comparison"
        value={rule.is}
        onChange={(change) => onChange({ ...rule, is: COMPARISONS.find(({ is }) => is === change.target.value)?.is ?? rule.is })}
      >
        {COMPARISONS.map(({ is, text }) => (
          <option key={is} value={is}>
            {text}
          </option>
        ))}
      </select>
      {needsValue ? (
        <input
          className="input"
          aria-label="Value"
          placeholder="Value"
          value={rule.value}
          autoComplete="off"
          onChange={(change) => onChange({ ...rule, value: change.target.value })}
        />
      ) : null}
    </span>
  );
}

interface EventFieldProps {
  readonly value: string;
  readonly names: KnownNames;
  readonly onChange: (event: string) => void;
}

function EventField({ value, names, onChange }: EventFieldProps) {
  return (
    <NameInput
      label="Event"
      isLabelHidden
      placeholder="Event"
      value={value}
      names={names.events.map(({ name }) => name)}
      onChange={onChange}
    />
  );
}

interface NotProps {
  readonly value: boolean;
  readonly yes: string;
  readonly no: string;
  readonly onChange: (isNot: boolean) => void;
}

function Not({ value, yes, no, onChange }: NotProps) {
  return (
    <select
      className="select"
      aria-label="Whether"
      value={value ? 'no' : 'yes'}
      onChange={(change) => onChange(change.target.value === 'no')}
    >
      <option value="yes">{yes}</option>
      <option value="no">{no}</option>
    </select>
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  readonly onChange: (value: number) => void;
}

function NumberField({ label, value, least, onChange }: NumberFieldProps) {
  return (
    <input
      className="input rule-number"
      type="number"
      min={least}
      step={1}
      aria-label={label}
      value={Number.isNaN(value) ? '' : value}
      onChange={(change) => onChange(change.target.value === '' ? Number.NaN : Number(change.target.value))}
    />
  );
}
