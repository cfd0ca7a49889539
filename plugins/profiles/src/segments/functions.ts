import type { ExpressionCall, ExpressionEnvironment } from '@tendril/plugin-api';
import type { AggregateDefinition, AggregateKind } from '../behaviour/definition.ts';
import { windowMsOf } from '../behaviour/window.ts';

/** What a condition may read and call. */
export const CONDITION: ExpressionEnvironment = {
  roots: ['profile'],
  returns: 'boolean',
  functions: {
    did: { parameters: ['text', 'integer', 'text', 'text'], optional: 3, returns: 'boolean' },
    count: { parameters: ['text', 'text', 'text'], optional: 2, returns: 'integer' },
    sum: { parameters: ['text', 'text', 'text', 'text'], optional: 2, returns: 'number' },
    average: { parameters: ['text', 'text', 'text', 'text'], optional: 2, returns: 'any' },
    minimum: { parameters: ['text', 'text', 'text', 'text'], optional: 2, returns: 'any' },
    maximum: { parameters: ['text', 'text', 'text', 'text'], optional: 2, returns: 'any' },
    unique: { parameters: ['text', 'text', 'text', 'text'], optional: 2, returns: 'integer' },
    most_frequent: { parameters: ['text', 'text', 'text', 'text'], optional: 2, returns: 'any' },
    first: { parameters: ['text', 'text', 'text', 'text'], optional: 2, returns: 'any' },
    last: { parameters: ['text', 'text', 'text', 'text'], optional: 2, returns: 'any' },
    days_since: { parameters: ['text', 'text'], optional: 1, returns: 'any' },
    days_since_trait: { parameters: ['text'], returns: 'any' },
    in_segment: { parameters: ['text'], returns: 'boolean' },
  },
};

const BY_PROPERTY: Readonly<Record<string, AggregateKind>> = {
  sum: 'sum',
  average: 'average',
  minimum: 'minimum',
  maximum: 'maximum',
  unique: 'unique_count',
  most_frequent: 'most_frequent',
  first: 'first',
  last: 'last',
};

/** What the call of a function needs to be answered. */
export type Requirement =
  | { readonly kind: 'aggregate'; readonly definition: AggregateDefinition; readonly atLeast?: number }
  | { readonly kind: 'segment'; readonly name: string }
  | { readonly kind: 'date'; readonly trait: string };

/** What is wrong with an argument, and which one it is. */
export interface ArgumentProblem {
  readonly problem: string;
  readonly argument: string | number | boolean;
}

/** Reads the call of a function of a condition. */
export function requirementOf({ name, arguments: given }: ExpressionCall): Requirement | ArgumentProblem {
  const [first = '', ...rest] = given;
  if (first === '') return { problem: `\`${name}\` needs a name.`, argument: first };
  const subject = String(first);
  if (name === 'in_segment') return { kind: 'segment', name: subject };
  if (name === 'days_since_trait') return { kind: 'date', trait: subject };
  if (name === 'days_since') return aggregate({ event: subject, aggregate: 'since', window: undefined, where: rest[0] });
  if (name === 'count') return aggregate({ event: subject, aggregate: 'count', window: rest[0], where: rest[1] });
  if (name === 'did') {
    const [times = 1, window, where] = rest;
    if (typeof times !== 'number' || times < 1) return { problem: '`did` counts from 1.', argument: times };
    // Whether there was one at all takes less to remember than how many there were.
    if (times === 1) return aggregate({ event: subject, aggregate: 'exists', window, where });
    const counted = aggregate({ event: subject, aggregate: 'count', window, where });
    return 'problem' in counted ? counted : { ...counted, atLeast: times };
  }
  const [property = '', window, where] = rest;
  if (property === '') return { problem: `\`${name}\` needs a property.`, argument: property };
  return aggregate({ event: subject, aggregate: BY_PROPERTY[name] ?? 'count', property: String(property), window, where });
}

type Literal = string | number | boolean | undefined;

function aggregate(given: {
  readonly event: string;
  readonly aggregate: AggregateKind;
  readonly property?: string;
  readonly window: Literal;
  readonly where: Literal;
}): Extract<Requirement, { readonly kind: 'aggregate' }> | ArgumentProblem {
  const { event, aggregate, property, window = '', where = '' } = given;
  const windowMs = windowMsOf(String(window));
  if (windowMs === undefined)
    return { problem: 'A window is a number with `m`, `h` or `d`, such as `30d`, at most 3650d, or `ever`.', argument: window };
  const definition = {
    event,
    aggregate,
    windowMs,
    ...(property !== undefined && { property }),
    ...(where !== '' && { where: String(where) }),
  };
  return { kind: 'aggregate', definition };
}
