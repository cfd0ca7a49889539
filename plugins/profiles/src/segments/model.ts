import { hash } from 'node:crypto';
import type { Expressions } from '@tendril/plugin-api';
import { compileAggregate } from '../behaviour/aggregate.ts';
import type { Aggregate } from '../behaviour/aggregate.ts';
import { aggregateOfTrait } from './computed-trait.ts';
import { changeKeys, compileCondition } from './condition.ts';
import type { Condition } from './condition.ts';
import { slotOf } from './definition.ts';
import type { Definition, KeptAggregate, Version } from './definition.ts';
import { byDependency } from './dependencies.ts';

/** Something that is worked out for every person: a segment's condition, or a computed trait. */
export type Node = SegmentNode | TraitNode;

interface Common {
  readonly index: number;
  /** Key of the change that this node alone is to be worked out again. */
  readonly key: string;
  readonly definition: Definition;
  readonly version: Version;
  readonly reads: ReadonlySet<string>;
  readonly aggregates: readonly Aggregate[];
}

/** A segment. `next` is the version that is being prepared while the active one serves. */
export interface SegmentNode extends Common {
  readonly kind: 'segment';
  readonly role: 'active' | 'next';
  readonly condition: Condition;
}

/** A computed trait. */
export interface TraitNode extends Common {
  readonly kind: 'trait';
}

/** An aggregate under the key of its states. A later aggregate of the same definition has another key: nothing is counted twice. */
export interface KeyedAggregate {
  readonly key: string;
  readonly aggregate: Aggregate;
}

/** All definitions of a tenant, compiled, with what reads what. */
export interface Model {
  /** Tells one set of definitions from another. */
  readonly hash: string;
  /** What is worked out, in such an order that each comes behind what it reads. */
  readonly nodes: readonly Node[];
  readonly aggregates: readonly KeyedAggregate[];
  readonly aggregatesByEvent: ReadonlyMap<string, readonly KeyedAggregate[]>;
  readonly definitions: ReadonlyMap<string, Definition>;
  /** Active segments whose people still have to be told apart by the version before. */
  readonly settling: readonly SegmentNode[];
  /** Traits from whose dates days are counted. */
  readonly dates: ReadonlySet<string>;
  keyOf(aggregateId: string): KeyedAggregate | undefined;
  /** Whether states are kept under this key. */
  isKept(key: string): boolean;
  /** Nodes that read an aggregate. */
  readersOfAggregate(aggregateId: string): readonly Node[];
  /** Indexes of the nodes that read what a key of a change stands for. */
  readersOf(changeKey: string): readonly number[];
  /** Whether there is a computed trait of this name that serves. */
  hasTrait(name: string): boolean;
  /** Whether members of a version that does not serve yet, or of one that has just begun to, are kept under this name. */
  isPrepared(slot: string): boolean;
}

const NOBODY: readonly number[] = [];

/** Key of the change that a person is one that was not there before. */
export const NEW_PERSON = 'new';

/** Key of the change that a definition is looked at for the first time. */
export function nodeKey({ definition, version }: Pick<Node, 'definition' | 'version'>): string {
  return `definition:${definition.id}@${String(version.position)}`;
}

/** Compiles a tenant's definitions. */
export function createModel(definitions: readonly Definition[], kept: readonly KeptAggregate[], expressions: Expressions): Model {
  const aggregates = kept.map(({ key, event, aggregate, where, property, windowMs }) => ({
    key,
    aggregate: compileAggregate(
      { event, aggregate, windowMs, ...(where !== undefined && { where }), ...(property !== undefined && { property }) },
      expressions,
    ),
  }));
  const keys = new Map(aggregates.map((keyed) => [keyed.aggregate.id, keyed]));
  const stateKeys = new Set(aggregates.map(({ key }) => key));
  const nodes = nodesOf(definitions, expressions);
  const readers = new Map<string, number[]>();
  for (const { index, key: ownKey, reads, definition, version } of nodes) {
    for (const key of [...reads, ownKey, nodeKey({ definition, version })]) readers.set(key, [...(readers.get(key) ?? []), index]);
  }
  readers.set(
    NEW_PERSON,
    nodes.filter(holdsOfNobody).map(({ index }) => index),
  );
  const readersOfAggregate = new Map(
    aggregates.map(({ aggregate: { id } }) => [id, nodes.filter(({ reads }) => reads.has(changeKeys.aggregate(id)))]),
  );
  const active = nodes.filter((node): node is SegmentNode => node.kind === 'segment' && node.role === 'active');
  const traits = new Set(nodes.flatMap(({ kind, definition }) => (kind === 'trait' ? [definition.name] : [])));
  const prepared = new Set(
    definitions.flatMap(({ name, active, next, settling }) => [
      ...(next?.isEvaluated === true ? [slotOf(name, next.position)] : []),
      ...(settling !== undefined && active !== undefined ? [slotOf(name, active.position)] : []),
    ]),
  );
  return {
    hash: hashOf(definitions, kept),
    nodes,
    aggregates,
    aggregatesByEvent: Map.groupBy(aggregates, ({ aggregate }) => aggregate.definition.event),
    definitions: new Map(definitions.map((definition) => [definition.id, definition])),
    settling: active.filter(({ definition }) => definition.settling !== undefined),
    dates: new Set(nodes.flatMap((node) => (node.kind === 'segment' ? node.condition.dates : []))),
    keyOf: (id) => keys.get(id),
    isKept: (key) => stateKeys.has(key),
    readersOfAggregate: (id) => readersOfAggregate.get(id) ?? [],
    readersOf: (key) => readers.get(key) ?? NOBODY,
    hasTrait: (name) => traits.has(name),
    isPrepared: (slot) => prepared.has(slot),
  };
}

/** Whether somebody of whom nothing is known may be in: a new person is, until an event says otherwise. */
function holdsOfNobody(node: Node): boolean {
  if (node.kind === 'trait') return node.aggregates[0]?.value(undefined, 0) !== null;
  const profile = { traits: {}, groups: [], consent: {}, isIdentified: false, scores: {} };
  const view = { now: 0, profile, stateOf: () => undefined, isIn: () => false };
  return node.condition.segments.length > 0 || node.condition.holds(view);
}

/** Stands for the content of all definitions, progress left out. */
export function hashOf(definitions: readonly Definition[], kept: readonly KeptAggregate[]): string {
  const content = definitions.map(({ id, title, description, savedAt, active, next, settling }) => [
    id,
    [title, description, savedAt],
    [active, next === undefined ? null : withoutProgress(next), settling?.from],
  ]);
  return hash('sha256', JSON.stringify([content, kept.map(({ key }) => key)]), 'base64url');
}

function withoutProgress({ cursor, done, ...version }: NonNullable<Definition['next']>): object {
  return version;
}

function nodesOf(definitions: readonly Definition[], expressions: Expressions): readonly Node[] {
  const traits = definitions.flatMap((definition): readonly Omit<TraitNode, 'index' | 'key'>[] => {
    if (definition.kind !== 'trait' || definition.active?.trait === undefined) return [];
    const aggregate = aggregateOfTrait(definition.active.trait, expressions);
    const reads = new Set([changeKeys.aggregate(aggregate.id)]);
    return [{ kind: 'trait', definition, version: definition.active, aggregates: [aggregate], reads }];
  });
  const segmentOf = (
    definition: Definition,
    version: Version | undefined,
    role: 'active' | 'next',
  ): readonly Omit<SegmentNode, 'index' | 'key'>[] => {
    if (definition.kind !== 'segment' || version?.condition === undefined) return [];
    const condition = compileCondition(version.condition, expressions);
    return [{ kind: 'segment', role, definition, version, condition, aggregates: condition.aggregates, reads: condition.reads }];
  };
  const active = definitions.flatMap((definition) => segmentOf(definition, definition.active, 'active'));
  const next = definitions.flatMap((definition) =>
    definition.next?.isEvaluated === true ? segmentOf(definition, definition.next, 'next') : [],
  );
  const ordered = byDependency(
    active,
    ({ definition }) => definition.name,
    ({ condition }) => condition.segments,
  );
  return [...traits, ...ordered, ...next].map((node, index): Node => ({ ...node, index, key: `node:${String(index)}` }));
}
