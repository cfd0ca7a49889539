import type { KnownNames } from '../../api/customers/use-known-names.ts';
import { NameInput } from '../../ui/name-input.tsx';
import { COMPARISONS } from './condition-rules.ts';
import type { Comparison, Rule } from './condition-rules.ts';

interface RuleFieldsProps<Kind extends Rule = Rule> {
  readonly rule: Kind;
  readonly names: KnownNames;
  readonly onChange: (rule: Rule) => void;
}

type Of<Kind extends Rule['kind']> = RuleFieldsProps<Extract<Rule, { readonly kind: Kind }>>;

/** What is chosen for one rule, in the order of a sentence. */
export function RuleFields(props: RuleFieldsProps) {
  return <span className="rule-fields">{fieldsOf(props)}</span>;
}

function fieldsOf({ rule, names, onChange }: RuleFieldsProps) {
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
        <>
          <Not value={rule.isNot} yes="agreed to" no="refused" onChange={(isNot) => onChange({ ...rule, isNot })} />
          <Name
            label="Purpose"
            value={rule.category}
            names={['marketing', 'email', 'sms', 'analytics']}
            onChange={(category) => onChange({ ...rule, category })}
          />
        </>
      );
    case 'segment':
      return (
        <>
          <Not value={rule.isNot} yes="is in" no="is not in" onChange={(isNot) => onChange({ ...rule, isNot })} />
          <Name label="Segment" value={rule.segment} names={names.segments} onChange={(segment) => onChange({ ...rule, segment })} />
        </>
      );
  }
}

function DidFields({ rule, names, onChange }: Of<'did'>) {
  const isEver = rule.days === 0;
  return (
    <>
      <Not value={rule.isNot} yes="did" no="did not do" onChange={(isNot) => onChange({ ...rule, isNot })} />
      <EventName value={rule.event} names={names} onChange={(event) => onChange({ ...rule, event })} />
      <span className="rule-words">
        at least
        <NumberField label="Times" value={rule.times} least={1} onChange={(times) => onChange({ ...rule, times })} />
        {rule.times === 1 ? 'time' : 'times'}
      </span>
      <span className="rule-words">
        <Choose
          label="Since when"
          value={isEver ? 'ever' : 'within'}
          options={{ within: 'within', ever: 'ever' }}
          onPick={(when) => onChange({ ...rule, days: when === 'ever' ? 0 : 30 })}
        />
        {isEver ? null : (
          <>
            <NumberField label="Days" value={rule.days} least={1} onChange={(days) => onChange({ ...rule, days })} />
            days
          </>
        )}
      </span>
    </>
  );
}

function SinceFields({ rule, names, onChange }: Of<'since'>) {
  return (
    <>
      <EventName value={rule.event} names={names} onChange={(event) => onChange({ ...rule, event })} />
      <span className="rule-words">
        <Choose
          label="How long ago"
          value={rule.is}
          options={{ '>=': 'was last at least', '<=': 'was last at most' }}
          onPick={(is) => onChange({ ...rule, is })}
        />
        <NumberField label="Days" value={rule.days} least={0} onChange={(days) => onChange({ ...rule, days })} />
        days ago
      </span>
    </>
  );
}

const COMPARISON_TEXTS = Object.fromEntries(COMPARISONS.map(({ is, text }) => [is, text])) as Readonly<Record<Comparison, string>>;

function TraitFields({ rule, names, onChange }: Of<'trait'>) {
  return (
    <>
      <Name label="Trait" value={rule.trait} names={names.traits} onChange={(trait) => onChange({ ...rule, trait })} />
      <Choose label="Comparison" value={rule.is} options={COMPARISON_TEXTS} onPick={(is) => onChange({ ...rule, is })} />
      {rule.is === 'has' || rule.is === '!has' ? null : (
        <input
          className="input"
          aria-label="Value"
          placeholder="Value"
          value={rule.value}
          autoComplete="off"
          onChange={(change) => onChange({ ...rule, value: change.target.value })}
        />
      )}
    </>
  );
}

interface NameProps {
  readonly label: string;
  readonly value: string;
  readonly names: readonly string[];
  readonly onChange: (name: string) => void;
}

/** A name within a sentence: what it is stands in the field as long as that is empty. */
function Name({ label, ...rest }: NameProps) {
  return <NameInput label={label} isLabelHidden placeholder={label} {...rest} />;
}

function EventName({ names, ...rest }: { readonly names: KnownNames } & Pick<NameProps, 'value' | 'onChange'>) {
  return <Name label="Event" names={names.events.map(({ name }) => name)} {...rest} />;
}

interface NotProps {
  readonly value: boolean;
  readonly yes: string;
  readonly no: string;
  readonly onChange: (isNot: boolean) => void;
}

function Not({ value, yes, no, onChange }: NotProps) {
  return <Choose label="Whether" value={value ? 'no' : 'yes'} options={{ yes, no }} onPick={(picked) => onChange(picked === 'no')} />;
}

interface ChooseProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  /** Texts by what they stand for, in order. */
  readonly options: Readonly<Record<Value, string>>;
  readonly onPick: (value: Value) => void;
}

function Choose<Value extends string>({ label, value, options, onPick }: ChooseProps<Value>) {
  const texts = Object.entries<string>(options);
  return (
    <select className="select" aria-label={label} value={value} onChange={(change) => onPick(change.target.value as Value)}>
      {texts.map(([each, text]) => (
        <option key={each} value={each}>
          {text}
        </option>
      ))}
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
