import { placesApi } from '../../api/customers/places.ts';
import type { KnownNames } from '../../api/customers/use-known-names.ts';
import { useAsked } from '../../api/use-asked.ts';
import { Problem } from '../../ui/problem.tsx';
import { ConditionInput } from '../segments/condition-input.tsx';
import { pickTrait } from '../segments/condition-pickers.ts';
import type { Picker } from '../segments/condition-pickers.ts';

interface RuleInputProps {
  /** Whose rule it is. */
  readonly of: string;
  readonly value: string;
  readonly names: KnownNames;
  readonly onChange: (rule: string) => void;
}

const MORE: Picker = {
  label: 'Put in a rule',
  options: [
    { insert: 'context.page == "/"', text: 'the page, as the caller says' },
    { insert: 'now.hour < 12', text: 'the time of day where they are' },
    { insert: 'now.weekday >= 6', text: 'the weekday, 1 is Monday' },
    { insert: 'profile.isIdentified', text: 'they have a user id' },
    { insert: 'profile.consent.marketing == "granted"', text: 'they agreed to a purpose' },
    { insert: 'has(profile.traits.email)', text: 'a trait is known' },
  ],
};

/** For whom a candidate is, in CEL, checked while it is typed. */
export function RuleInput({ of, value, names, onChange }: RuleInputProps) {
  const { about, answer: fault, problem } = useAsked(value, (signal) => placesApi.checkRule(value, signal));
  const pickers: readonly Picker[] = [
    {
      label: 'Put in a segment',
      options: names.segments.map((name) => ({ insert: `${JSON.stringify(name)} in profile.segments`, text: name })),
    },
    pickTrait(names),
    MORE,
  ];
  return (
    <>
      <ConditionInput
        value={value}
        label={`For whom ${of} is`}
        rows={2}
        hint={
          <>
            Empty: for everybody. Join with <code>&&</code> (and), <code>||</code> (or), <code>!</code> (not). What is not known never
            matches.
          </>
        }
        pickers={pickers}
        fault={
          fault === undefined || about !== value
            ? undefined
            : { message: fault.message, start: fault.start ?? 0, end: fault.end ?? value.length, suggestion: fault.suggestion }
        }
        onChange={onChange}
      />
      {problem === undefined ? null : <Problem problem={problem} />}
    </>
  );
}
