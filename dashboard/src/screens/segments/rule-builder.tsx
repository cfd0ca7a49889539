import { useId } from 'react';
import type { KnownNames } from '../../api/customers/use-known-names.ts';
import { Icon } from '../../ui/icon.tsx';
import { findRuleFault } from './condition-rules.ts';
import type { Rule, Rules } from './condition-rules.ts';
import { RuleFields } from './rule-fields.tsx';

const KINDS: readonly { readonly kind: Rule['kind']; readonly text: string; readonly make: () => Rule }[] = [
  { kind: 'did', text: 'What they did', make: () => ({ kind: 'did', event: '', times: 1, days: 30, isNot: false }) },
  { kind: 'since', text: 'Days since they did', make: () => ({ kind: 'since', event: '', is: '>=', days: 30 }) },
  { kind: 'trait', text: 'What is known of them', make: () => ({ kind: 'trait', trait: '', is: '==', value: '' }) },
  { kind: 'consent', text: 'What they agreed to', make: () => ({ kind: 'consent', category: 'marketing', isNot: false }) },
  { kind: 'segment', text: 'Another segment', make: () => ({ kind: 'segment', segment: '', isNot: false }) },
];

interface RuleBuilderProps {
  readonly value: Rules;
  readonly names: KnownNames;
  readonly onChange: (rules: Rules) => void;
}

/** A condition chosen from lists, for those who do not write CEL. */
export function RuleBuilder({ value, names, onChange }: RuleBuilderProps) {
  const id = useId();
  const { rules, joinedBy } = value;
  const replace = (index: number, rule: Rule): void => onChange({ joinedBy, rules: rules.map((each, at) => (at === index ? rule : each)) });
  return (
    <div className="stack-tight">
      {rules.length > 1 ? (
        <label className="row small">
          Who meets
          <select
            className="select"
            aria-label="How many of the rules have to hold"
            value={joinedBy}
            onChange={(change) => onChange({ rules, joinedBy: change.target.value === '||' ? '||' : '&&' })}
          >
            <option value="&&">all of these</option>
            <option value="||">one of these</option>
          </select>
        </label>
      ) : null}
      <ol className="rule-list" aria-label="Rules">
        {rules.map((rule, index) => {
          const fault = findRuleFault(rule);
          return (
            <li key={index} className="rule">
              <select
                className="select rule-kind"
                aria-label={`Kind of rule ${String(index + 1)}`}
                value={rule.kind}
                onChange={(change) => replace(index, KINDS.find(({ kind }) => kind === change.target.value)?.make() ?? rule)}
              >
                {KINDS.map(({ kind, text }) => (
                  <option key={kind} value={kind}>
                    {text}
                  </option>
                ))}
              </select>
              <RuleFields rule={rule} names={names} onChange={(changed) => replace(index, changed)} />
              <button
                type="button"
                className="button button-quiet button-icon"
                aria-label={`Remove rule ${String(index + 1)}`}
                disabled={rules.length === 1}
                onClick={() => onChange({ joinedBy, rules: rules.filter((_, at) => at !== index) })}
              >
                <Icon name="cross" />
              </button>
              {fault === undefined ? null : (
                <p className="field-hint rule-fault" id={`${id}-${String(index)}`}>
                  {fault}
                </p>
              )}
            </li>
          );
        })}
      </ol>
      <div className="row">
        <button
          type="button"
          className="button"
          onClick={() => onChange({ joinedBy, rules: [...rules, { kind: 'did', event: '', times: 1, days: 30, isNot: false }] })}
        >
          <Icon name="plus" />
          Another rule
        </button>
      </div>
    </div>
  );
}
