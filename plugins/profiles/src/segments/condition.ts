import { TendrilError } from '@tendril/plugin-api';
import type { ExpressionCall, ExpressionComparison, Expressions, Json } from '@tendril/plugin-api';
import { compileAggregate } from '../behaviour/aggregate.ts';
import type { Aggregate } from '../behaviour/aggregate.ts';
import { DAY_MS } from '../behaviour/window.ts';
import { clausesOf } from './clauses.ts';
import { CONDITION, requirementOf } from './functions.ts';
import type { Requirement } from './functions.ts';

/** What a condition is asked about: one person at one moment. */
export interface PersonView {
  /** Epoch milliseconds of the log's clock. */
  readonly now: number;
  /** What `profile` reads. */
  readonly profile: object;
  /** State of an aggregate over all parts of the person. */
  stateOf(aggregateId: string): string | undefined;
  isIn(segment: string): boolean;
}

/** A condition that compiled. */
export interface Condition {
  readonly source: string;
  /** What it reads, as keys of changes: see `changeKeys`. */
  readonly reads: ReadonlySet<string>;
  readonly aggregates: readonly Aggregate[];
  /** Calls of functions that count events. */
  readonly counted: readonly { readonly expression: string; readonly aggregate: Aggregate }[];
  /** Names of segments. */
  readonly segments: readonly string[];
  /** Traits whose date it counts days from. */
  readonly dates: readonly string[];
  /** Names of traits, as far as they are written out. */
  readonly traits: readonly string[];
  /** Members of `profile` that it reads, as far as they are written out. */
  readonly fields: readonly string[];
  /** Whether the person is in. What cannot be answered, such as a trait that is missing, is no. */
  holds(view: PersonView): boolean;
  /** Whether it comes to the same with either value of an aggregate that it reads, whatever the rest of it is. */
  isSameFor(aggregateId: string, before: Json, after: Json): boolean;
  /** What its calls and reads come to. */
  valuesOf(view: PersonView): readonly PartValue[];
  /** Its clauses, each compiled by itself. */
  readonly clauses: readonly { readonly text: string; readonly condition: Condition }[];
  readonly joinedBy: '&&' | '||';
}

/** One call or read of a condition with its value. */
export interface PartValue {
  /** As it is written, more or less. */
  readonly expression: string;
  readonly value: Json;
}

/** Keys under which changes of a person are known to conditions. */
export const changeKeys = {
  aggregate: (id: string): string => `aggregate:${id}`,
  segment: (name: string): string => `segment:${name}`,
  trait: (name: string): string => `trait:${name}`,
  date: (trait: string): string => `date:${trait}`,
  field: (name: string): string => `field:${name}`,
  /** Read by conditions that read traits without saying which. */
  anyTrait: 'trait:*',
};

/** What conditions read of `profile`: what is kept of somebody in the midst of a batch, so that every change of it is met. */
export const PROFILE_FIELDS = ['traits', 'scores', 'groups', 'consent', 'isIdentified', 'firstSeenAt', 'lastSeenAt'] as const;

/** Conditions are asked for again with every change of any definition. */
const COMPILED = new WeakMap<Expressions, Map<string, Condition>>();
const MOST_COMPILED = 5_000;
/** What `Date` can tell. */
const LATEST_MS = 8.64e15;

/**
 * Compiles the condition of a segment.
 *
 * @throws TendrilError EXPRESSION_INVALID with `problem`, `start` and `end`
 */
export function compileCondition(source: string, expressions: Expressions): Condition {
  const known = COMPILED.get(expressions) ?? new Map<string, Condition>();
  COMPILED.set(expressions, known);
  const compiled = known.get(source) ?? compileParts(source, expressions);
  known.set(source, compiled);
  const [oldest] = known.keys();
  if (known.size > MOST_COMPILED && oldest !== undefined) known.delete(oldest);
  return compiled;
}

function compileParts(source: string, expressions: Expressions): Condition {
  const { joinedBy, clauses } = clausesOf(source);
  const whole = compileWhole(source, expressions);
  const parts = clauses.length === 1 ? undefined : clauses.map(({ text }) => ({ text, condition: compileWhole(text, expressions) }));
  return { ...whole, joinedBy, clauses: parts ?? [{ text: source.trim(), condition: whole }] };
}

function compileWhole(source: string, expressions: Expressions): Condition {
  const expression = expressions.compile(source, CONDITION);
  const calls = expression.calls.map((call) => {
    const requirement = requirementOf(call);
    if ('problem' in requirement) throw invalid(source, requirement.problem, String(requirement.argument));
    return { call, requirement, aggregate: aggregateOf(source, requirement, expressions) };
  });
  const byCall = new Map(calls.map((each) => [markOf(each.call.name, each.call.arguments), each]));
  const byName = Map.groupBy(calls, ({ call }) => call.name);
  const labelsOfCalls = calls.map(({ call }) => written(call));
  const labelsOfReads = expression.reads.map((path) => path.join('.'));
  const answer = (name: string, values: ExpressionCall['arguments'], view: PersonView): Json => {
    // Most functions are called once: then it is clear with which arguments.
    const [only, ...others] = byName.get(name) ?? [];
    const known = others.length === 0 ? only : byCall.get(markOf(name, values));
    return known === undefined ? null : answerTo(known.requirement, known.aggregate, view);
  };
  // Evaluating is synchronous: one set of functions serves all people, one after another.
  let current: PersonView | undefined;
  const functions = Object.fromEntries(
    Object.keys(CONDITION.functions ?? {}).map((name) => [
      name,
      (...values: ExpressionCall['arguments']) => (current === undefined ? null : answer(name, values, current)),
    ]),
  );
  const requirements = calls.map(({ requirement }) => requirement);
  const aggregates = [...new Map(calls.flatMap(({ aggregate }) => (aggregate === undefined ? [] : [[aggregate.id, aggregate]]))).values()];
  return {
    source,
    reads: new Set([
      ...expression.reads.flatMap(keysOfRead),
      ...requirements.flatMap(keysOfRequirement),
      ...aggregates.map(({ id }) => changeKeys.aggregate(id)),
    ]),
    aggregates,
    counted: calls.flatMap(({ call, aggregate }) => (aggregate === undefined ? [] : [{ expression: written(call), aggregate }])),
    segments: requirements.flatMap((each) => (each.kind === 'segment' ? [each.name] : [])),
    dates: requirements.flatMap((each) => (each.kind === 'date' ? [each.trait] : [])),
    traits: expression.reads.flatMap(([, field, name]) => (field === 'traits' && name !== undefined ? [name] : [])),
    fields: expression.reads.flatMap(([, field]) => (field === undefined ? [] : [field])),
    holds: (view) => {
      current = view;
      return expression.isTrue({ profile: view.profile }, functions);
    },
    isSameFor: (aggregateId, before, after) =>
      calls.every(({ call, requirement, aggregate }) => aggregate?.id !== aggregateId || isAnsweredAlike(call, requirement, before, after)),
    valuesOf: (view) => [
      ...calls.map(({ requirement, aggregate }, index) => ({
        expression: labelsOfCalls[index] ?? '',
        value: answerTo(requirement, aggregate, view),
      })),
      ...expression.reads.map((path, index) => ({ expression: labelsOfReads[index] ?? '', value: valueAt(view.profile, path.slice(1)) })),
    ],
    clauses: [],
    joinedBy: '&&',
  };
}

function aggregateOf(source: string, requirement: Requirement, expressions: Expressions): Aggregate | undefined {
  if (requirement.kind !== 'aggregate') return undefined;
  try {
    return compileAggregate(requirement.definition, expressions);
  } catch (error) {
    if (!TendrilError.is(error) || error.code !== 'EXPRESSION_INVALID') throw error;
    const problem = `The filter does not compile: ${String(error.details['problem'])}`;
    throw invalid(source, problem, requirement.definition.where ?? '');
  }
}

function answerTo(requirement: Requirement, aggregate: Aggregate | undefined, view: PersonView): Json {
  if (requirement.kind === 'segment') return view.isIn(requirement.name);
  if (requirement.kind === 'date') return daysSince(valueAt(view.profile, ['traits', requirement.trait]), view.now);
  if (aggregate === undefined) return null;
  const value = aggregate.value(view.stateOf(aggregate.id), view.now);
  return requirement.atLeast === undefined ? value : typeof value === 'number' && value >= requirement.atLeast;
}

/** Whether a condition sees no difference between two values of what one of its calls counts. */
function isAnsweredAlike(call: ExpressionCall, requirement: Requirement, before: Json, after: Json): boolean {
  if (before === after) return true;
  if (typeof before !== 'number' || typeof after !== 'number') return false;
  if (requirement.kind === 'aggregate' && requirement.atLeast !== undefined)
    return before >= requirement.atLeast === after >= requirement.atLeast;
  return call.comparisons?.every((comparison) => compares(before, comparison) === compares(after, comparison)) === true;
}

function compares(value: number, { operator, number }: ExpressionComparison): boolean {
  switch (operator) {
    case '<':
      return value < number;
    case '<=':
      return value <= number;
    case '>':
      return value > number;
    case '>=':
      return value >= number;
    case '==':
      return value === number;
    case '!=':
      return value !== number;
  }
}

/** The moment that a trait names: ISO 8601, or epoch seconds or milliseconds. `undefined` for anything else. */
export function momentOf(value: unknown): number | undefined {
  if (typeof value === 'number') {
    const at = Math.trunc(Math.abs(value) < 1e11 ? value * 1_000 : value);
    return Math.abs(at) <= LATEST_MS ? at : undefined;
  }
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}/.test(value)) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : at;
}

/** When the days since a date become another number. */
export function nextDayAfter(at: number, now: number): number {
  return at + (Math.floor((now - at) / DAY_MS) + 1) * DAY_MS;
}

function daysSince(value: unknown, now: number): Json {
  const at = momentOf(value);
  return at === undefined ? null : Math.floor((now - at) / DAY_MS);
}

function keysOfRead([, field, name]: readonly string[]): readonly string[] {
  if (field === undefined) return PROFILE_FIELDS.flatMap((each) => keysOfRead(['profile', each]));
  if (field === 'scores') return [changeKeys.trait('scores')];
  if (field !== 'traits') return [changeKeys.field(field)];
  return [name === undefined ? changeKeys.anyTrait : changeKeys.trait(name)];
}

function keysOfRequirement(requirement: Requirement): readonly string[] {
  if (requirement.kind === 'segment') return [changeKeys.segment(requirement.name)];
  if (requirement.kind === 'date') return [changeKeys.trait(requirement.trait), changeKeys.date(requirement.trait)];
  return [];
}

function markOf(name: string, values: ExpressionCall['arguments']): string {
  return `${name}\u0001${values.join('\u0001')}`;
}

function written({ name, arguments: values }: ExpressionCall): string {
  return `${name}(${values.map((value) => JSON.stringify(value)).join(', ')})`;
}

function valueAt(value: unknown, path: readonly string[]): Json {
  let inner = value;
  for (const name of path) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, name)) return null;
    inner = (inner as Readonly<Record<string, unknown>>)[name];
  }
  return (inner ?? null) as Json;
}

/** A fault of a condition at the literal that it is about. */
export function invalid(source: string, problem: string, literal: string, suggestion?: string): TendrilError {
  const quoted = [JSON.stringify(literal), `'${literal}'`, literal].map((text) => ({ text, at: source.indexOf(text) }));
  const found = quoted.find(({ text, at }) => text !== '' && at >= 0);
  const start = found?.at ?? 0;
  const end = found === undefined ? source.length : start + found.text.length;
  return new TendrilError('EXPRESSION_INVALID', {
    expression: source,
    problem,
    start,
    end,
    ...(suggestion !== undefined && { suggestion }),
  });
}
