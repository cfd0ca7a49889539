import type { KnownNames } from '../../api/customers/use-known-names.ts';
import { FUNCTIONS } from './examples.ts';

/** A list of what can be put into a condition. */
export interface Picker {
  readonly label: string;
  readonly options: readonly { readonly insert: string; readonly text: string }[];
}

/** What can be put into the condition of a segment. */
export function conditionPickers(names: KnownNames): readonly Picker[] {
  return [
    {
      label: 'Put in an event',
      options: names.events.map(({ name }) => ({ insert: `did(${JSON.stringify(name)}, 1, "30d")`, text: name })),
    },
    pickTrait(names),
    {
      label: 'Put in a segment',
      options: names.segments.map((name) => ({ insert: `in_segment(${JSON.stringify(name)})`, text: name })),
    },
    {
      label: 'Put in a function',
      options: FUNCTIONS.map((each) => ({ insert: each.insert, text: `${each.insert.split(/[("]/)[0] ?? ''}: ${each.text}` })),
    },
  ];
}

/** Traits, each to be compared with something. */
export function pickTrait({ traits }: KnownNames): Picker {
  return {
    label: 'Put in a trait',
    options: traits.map((name) => ({
      insert: `${/^[A-Za-z_]\w*$/.test(name) ? `profile.traits.${name}` : `profile.traits[${JSON.stringify(name)}]`} == ""`,
      text: name,
    })),
  };
}
