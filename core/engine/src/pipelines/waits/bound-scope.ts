import type { Json, JsonObject } from '@tendril/plugin-api';
import { EMPTY_SCOPE, EvaluationFault, toJson } from '../../expressions/index.ts';
import type { Expression, Scope } from '../../expressions/index.ts';

const MAX_BOUND_BYTES = 64 * 1_024;
/** Marks what JSON has no type for. */
const TAG = '$';

type Tree = Map<string, Tree | undefined>;

/**
 * What a condition reads besides `arrived`, taken out of a scope so that it can be kept without the rest.
 *
 * @throws EvaluationFault when that is larger than 64 KB
 */
export function bindScope({ source, reading }: Expression, scope: Scope): JsonObject {
  const wanted: Tree = new Map();
  for (const { root, path } of reading.references) if (root !== 'arrived') want(wanted, [root, ...path]);
  const bound = pick(scope, wanted) as JsonObject;
  const sizeBytes = Buffer.byteLength(JSON.stringify(bound));
  if (sizeBytes <= MAX_BOUND_BYTES) return bound;
  const message = `What it reads is too large to be kept while it waits: ${String(sizeBytes)} bytes of at most ${String(MAX_BOUND_BYTES)}. Read single members of a value, not all of it.`;
  throw new EvaluationFault(source, { message, start: 0, end: source.length }, false);
}

/** The scope of a condition that is evaluated when the event is there. */
export function unbindScope(bound: JsonObject, arrived: object): Scope {
  return { ...EMPTY_SCOPE, ...(revive(bound) as object), arrived };
}

/** Adds a path; `undefined` in the tree stands for everything below. */
function want(tree: Tree, [first, ...rest]: readonly string[]): void {
  if (first === undefined) return;
  const known = tree.get(first);
  if (tree.has(first) && known === undefined) return;
  if (rest.length === 0) {
    tree.set(first, undefined);
    return;
  }
  const below: Tree = known ?? new Map<string, Tree | undefined>();
  tree.set(first, below);
  want(below, rest);
}

/** What does not exist is left out, so that `has` says the same of the copy. */
function pick(value: unknown, wanted: Tree | undefined): Json {
  if (wanted === undefined || !isKeyed(value)) return keep(value);
  const members = [...wanted].flatMap(([name, below]) => {
    const member = value instanceof Map ? (value as ReadonlyMap<string, unknown>).get(name) : own(value, name);
    return member === undefined ? [] : [[name, pick(member, below)] as const];
  });
  return escape(Object.fromEntries(members));
}

function isKeyed(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function own(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function keep(value: unknown): Json {
  if (value instanceof Date) return { [TAG]: 'moment', at: value.getTime() };
  if (value instanceof Map)
    return escape(Object.fromEntries([...(value as Map<string, unknown>)].map(([name, item]) => [name, keep(item)])));
  if (Array.isArray(value)) return value.map(keep);
  if (typeof value !== 'object' || value === null) return toJson(value);
  const plain = Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null;
  return plain ? escape(Object.fromEntries(Object.entries(value).map(([name, item]) => [name, keep(item)]))) : toJson(value);
}

function escape(object: JsonObject): JsonObject {
  return Object.hasOwn(object, TAG) ? { [TAG]: 'object', value: { ...object } } : object;
}

function revive(value: Json): unknown {
  if (Array.isArray(value)) return (value as readonly Json[]).map(revive);
  if (typeof value !== 'object' || value === null) return value;
  const { [TAG]: tag, ...rest } = value as JsonObject;
  if (tag === 'moment') return new Date(rest['at'] as number);
  return members(tag === 'object' ? (rest['value'] as JsonObject) : (value as JsonObject));
}

function members(object: JsonObject): object {
  return Object.fromEntries(Object.entries(object).map(([name, item]) => [name, revive(item ?? null)]));
}
