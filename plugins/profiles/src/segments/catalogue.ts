import { TendrilError } from '@tendril/plugin-api';
import type { Call, LoggedEvent } from '@tendril/plugin-api';
import type { Aggregate } from '../behaviour/aggregate.ts';
import { AGGREGATES } from '../behaviour/definition.ts';
import type { AggregatesRow, CatalogueRow, DefinitionsRow, Settings } from '../gen/manifest.gen.ts';
import { aggregateOfTrait } from './computed-trait.ts';
import type { TraitDefinition } from './computed-trait.ts';
import { compileCondition, invalid } from './condition.ts';
import { MOST_AGGREGATES, MOST_SEGMENTS, MOST_TRAITS, definitionId, slotOf } from './definition.ts';
import type { Definition, KeptAggregate, Version } from './definition.ts';
import { cycleFrom } from './dependencies.ts';
import { SEGMENT_DEFINED, SEGMENT_DELETED, TRAIT_DEFINED, TRAIT_DELETED } from './facts.ts';
import { createModel, hashOf } from './model.ts';
import type { Model } from './model.ts';
import { nearest } from './nearest.ts';

/** Key of the only row. */
const CATALOGUE = 'definitions';
/** By tenant and hash. */
const MODELS = new Map<
  string,
  { readonly model: Model; readonly definitions: readonly Definition[]; readonly kept: readonly KeptAggregate[] }
>();
const MOST_MODELS = 50;

/** The tenant's definitions while a batch is worked through: facts change them, and work on them goes on. */
export class Catalogue {
  readonly #call: Call<Settings>;
  readonly #definitions: Map<string, Definition>;
  readonly #kept: Map<string, KeptAggregate>;
  readonly #changedDefinitions = new Set<string>();
  readonly #changedAggregates = new Set<string>();
  /** Members of versions that serve no more. */
  readonly retired: Set<string>;
  #model: Model | undefined;
  #isRetiredChanged = false;
  readonly #before: CatalogueRow | undefined;

  private constructor(
    call: Call<Settings>,
    row: CatalogueRow | undefined,
    definitions: readonly Definition[],
    kept: readonly KeptAggregate[],
    model?: Model,
  ) {
    this.#call = call;
    this.#before = row;
    this.#definitions = new Map(definitions.map((definition) => [definition.id, definition]));
    this.#kept = new Map(kept.map((aggregate) => [aggregate.key, aggregate]));
    this.retired = new Set(row?.retired);
    this.#model = model;
  }

  /** Reads the definitions; those that did not change since are compiled already. */
  static async load(call: Call<Settings>): Promise<Catalogue> {
    const row = (await call.table<CatalogueRow>('catalogue').get(CATALOGUE))?.value;
    if (row === undefined) return new Catalogue(call, undefined, [], []);
    const key = `${call.tenant.id} ${row.hash}`;
    const known = row.isBusy ? undefined : MODELS.get(key);
    if (known !== undefined) return new Catalogue(call, row, known.definitions, known.kept, known.model);
    const [definitions, kept] = await Promise.all([
      readAll<DefinitionsRow>(call, 'definitions'),
      readAll<AggregatesRow>(call, 'aggregates'),
    ]);
    const model = MODELS.get(key)?.model ?? createModel(definitions, kept, call.expressions);
    MODELS.delete(key);
    MODELS.set(key, { model, definitions, kept });
    const [oldest] = MODELS.keys();
    if (MODELS.size > MOST_MODELS && oldest !== undefined) MODELS.delete(oldest);
    return new Catalogue(call, row, definitions, kept, model);
  }

  get expressions(): Call<Settings>['expressions'] {
    return this.#call.expressions;
  }

  get model(): Model {
    return (this.#model ??= createModel(this.definitions(), this.kept(), this.#call.expressions));
  }

  definitions(): readonly Definition[] {
    return [...this.#definitions.values()];
  }

  kept(): readonly KeptAggregate[] {
    return [...this.#kept.values()];
  }

  /** A definition that serves or is prepared. */
  find(kind: Definition['kind'], name: string): Definition | undefined {
    const definition = this.#definitions.get(definitionId(kind, name));
    return definition !== undefined && isThere(definition) ? definition : undefined;
  }

  /** @param isProgress nothing else than how far something is changed */
  change(definition: Definition, isProgress = false): void {
    this.#definitions.set(definition.id, definition);
    this.#changedDefinitions.add(definition.id);
    if (!isProgress) this.#model = undefined;
  }

  changeAggregate(aggregate: KeptAggregate): void {
    this.#kept.set(aggregate.key, aggregate);
    this.#changedAggregates.add(aggregate.key);
  }

  retire(slot: string): void {
    this.retired.add(slot);
    this.#isRetiredChanged = true;
  }

  clearedAway(slot: string): void {
    this.retired.delete(slot);
    this.#isRetiredChanged = true;
  }

  /** Whether something is being prepared or cleared away. */
  get isBusy(): boolean {
    return this.retired.size > 0 || this.definitions().some(({ next, settling }) => next !== undefined || settling !== undefined);
  }

  /** Whether all that happened is counted under this aggregate. */
  isReady(aggregateId: string): boolean {
    const key = this.model.keyOf(aggregateId)?.key;
    return key !== undefined && this.#kept.get(key)?.isReady === true;
  }

  /** Applies a fact. One that cannot be, such as one of two that together go round in circles, changes nothing. */
  apply(event: LoggedEvent): void {
    try {
      if (event.name === SEGMENT_DEFINED) this.#define('segment', event);
      if (event.name === TRAIT_DEFINED) this.#define('trait', event);
      if (event.name === SEGMENT_DELETED) this.#remove('segment', textIn(event, 'name'));
      if (event.name === TRAIT_DELETED) this.#remove('trait', textIn(event, 'name'));
    } catch (error) {
      if (!TendrilError.is(error)) throw error;
      this.#call.log.warn({ eventId: event.id, code: error.code }, 'a definition could not be applied');
    }
  }

  #define(kind: Definition['kind'], event: LoggedEvent): void {
    const name = textIn(event, 'name');
    const known = this.#definitions.get(definitionId(kind, name));
    const condition = kind === 'segment' ? textIn(event, 'condition') : undefined;
    const trait = kind === 'trait' ? (event.properties['trait'] as unknown as TraitDefinition) : undefined;
    const wanted = checkDefinition(
      this,
      { kind, name, ...(condition !== undefined && { condition }), ...(trait !== undefined && { trait }) },
      this.#call,
    );
    const [title, description] = [textIn(event, 'title'), textIn(event, 'description')];
    const described = { savedAt: event.receivedAt, title, description };
    const current = known?.next ?? known?.active;
    if (known !== undefined && isSameContent(current, condition, trait)) {
      this.change({ ...known, ...described }, true);
      return;
    }
    const version = (known?.latest ?? 0) + 1;
    if (known?.next !== undefined) this.retire(slotOf(name, known.next.position));
    const next: Definition['next'] = {
      version,
      ...(condition !== undefined && { condition }),
      ...(trait !== undefined && { trait }),
      ...(event.properties['announce'] === true && { announce: true }),
      position: event.position,
      at: event.receivedAt,
      done: 0,
    };
    const base: Definition = known ?? { id: definitionId(kind, name), kind, name, latest: version, savedAt: event.receivedAt };
    this.change({ ...base, ...described, latest: version, next });
    for (const aggregate of wanted) this.#keep(aggregate, event.position);
    this.dropUnused();
  }

  #keep({ id, definition }: Aggregate, position: number): void {
    if (this.model.keyOf(id) !== undefined) return;
    const { event, aggregate, where, property, windowMs } = definition;
    const key = `${id}.${position.toString(36)}`;
    const optional = { ...(where !== undefined && { where }), ...(property !== undefined && { property }) };
    this.changeAggregate({ key, event, aggregate, ...optional, windowMs, upTo: position, cursor: 0, isReady: false });
    this.#model = undefined;
  }

  #remove(kind: Definition['kind'], name: string): void {
    const known = this.find(kind, name);
    if (known === undefined || (kind === 'segment' && dependantsOf(this, name).length > 0)) return;
    if (kind === 'segment') {
      for (const { position } of [known.active, known.next].filter((each) => each !== undefined)) this.retire(slotOf(name, position));
      if (known.settling !== undefined && known.settling.from > 0) this.retire(slotOf(name, known.settling.from));
    }
    const { active, next, settling, ...rest } = known;
    // Everybody forgets a computed trait before its row goes.
    if (kind === 'trait') this.change({ ...rest, settling: { from: active?.position ?? 0, stage: 'people', done: 0 } });
    else this.forget(known);
    this.dropUnused();
  }

  /** Takes the row of a definition away. */
  forget({ id }: Definition): void {
    this.#definitions.delete(id);
    this.#changedDefinitions.add(id);
    this.#model = undefined;
  }

  /** A version that is replaced may have been the last to need an aggregate. */
  dropUnused(): void {
    const needed = new Set(
      this.definitions().flatMap(({ active, next }) =>
        [active, next].flatMap((version) => (version === undefined ? [] : aggregatesOf(version, this.#call).map(({ id }) => id))),
      ),
    );
    for (const { key, aggregate } of this.model.aggregates) {
      if (needed.has(aggregate.id)) continue;
      this.#kept.delete(key);
      this.#changedAggregates.add(key);
      this.#model = undefined;
    }
  }

  /** Puts what changed into the changeset. */
  write(): void {
    const { changes } = this.#call;
    for (const id of this.#changedDefinitions) {
      const definition = this.#definitions.get(id);
      if (definition === undefined) changes.delete('definitions', id);
      else changes.put('definitions', definition);
    }
    for (const key of this.#changedAggregates) {
      const aggregate = this.#kept.get(key);
      if (aggregate === undefined) changes.delete('aggregates', key);
      else changes.put('aggregates', aggregate);
    }
    if (this.#changedDefinitions.size === 0 && this.#changedAggregates.size === 0 && !this.#isRetiredChanged) return;
    const row: CatalogueRow = {
      id: CATALOGUE,
      // Progress alone is not part of the hash; while something is in progress the rows are read anew.
      hash: hashOf(this.definitions(), this.kept()),
      retired: [...this.retired],
      isBusy: this.isBusy,
    };
    if (JSON.stringify(row) !== JSON.stringify(this.#before)) changes.put('catalogue', row);
  }
}

/** What is to be defined. */
export interface Proposal {
  readonly kind: Definition['kind'];
  readonly name: string;
  readonly condition?: string;
  readonly trait?: TraitDefinition;
}

/**
 * Checks a definition against the others.
 *
 * @returns the aggregates that it needs
 * @throws TendrilError EXPRESSION_INVALID, INPUT_INVALID, QUOTA_EXCEEDED
 */
export function checkDefinition(catalogue: Catalogue, proposal: Proposal, call: Pick<Call<Settings>, 'expressions'>): readonly Aggregate[] {
  const { kind, name, condition, trait } = proposal;
  const others = catalogue.definitions().filter((each) => each.kind === kind && each.name !== name);
  const most = kind === 'segment' ? MOST_SEGMENTS : MOST_TRAITS;
  if (others.length >= most)
    throw new TendrilError('INPUT_INVALID', { field: 'name', reason: `there are ${String(most)} already, and no room for more` });
  if (trait !== undefined && !(AGGREGATES as readonly string[]).includes(trait.aggregate))
    throw new TendrilError('INPUT_INVALID', { field: 'aggregate', reason: 'is not known' });
  const wanted = trait === undefined ? checkSegment(catalogue, name, condition ?? '', call) : [aggregateOfTrait(trait, call.expressions)];
  const fresh = wanted.filter(({ id }) => catalogue.model.keyOf(id) === undefined).length;
  if (catalogue.kept().length + fresh > MOST_AGGREGATES)
    throw new TendrilError('INPUT_INVALID', {
      field: kind === 'segment' ? 'condition' : 'trait',
      reason: `all definitions together may count ${String(MOST_AGGREGATES)} different things; this one would be beyond`,
    });
  return wanted;
}

function checkSegment(catalogue: Catalogue, name: string, source: string, call: Pick<Call<Settings>, 'expressions'>): readonly Aggregate[] {
  const condition = compileCondition(source, call.expressions);
  const names = catalogue.definitions().flatMap((each) => (each.kind === 'segment' ? [each.name] : []));
  const unknown = condition.segments.find((segment) => segment !== name && !names.includes(segment));
  if (unknown !== undefined) throw invalid(source, `There is no segment \`${unknown}\`.`, unknown, nearest(unknown, names));
  const needsOf = (segment: string): readonly string[] => {
    const known = catalogue.find('segment', segment);
    const versions = segment === name ? [source, known?.active?.condition] : [known?.active?.condition, known?.next?.condition];
    return versions.flatMap((text) => (text === undefined ? [] : compileCondition(text, call.expressions).segments));
  };
  const cycle = cycleFrom(name, needsOf);
  if (cycle !== undefined)
    throw new TendrilError('EXPRESSION_INVALID', {
      expression: source,
      problem: `The segments go round in circles: ${cycle.join(' → ')}.`,
      start: 0,
      end: source.length,
      cycle,
    });
  return condition.aggregates;
}

/** Whether a definition serves or is prepared: not one that is only forgotten still. */
export function isThere({ active, next }: Definition): boolean {
  return active !== undefined || next !== undefined;
}

/** Names of the segments whose conditions ask for this one, now or in a version that is being prepared. */
export function dependantsOf(catalogue: Catalogue, name: string): readonly string[] {
  return catalogue.definitions().flatMap((other) => {
    const needs = [other.active, other.next].flatMap((version) =>
      version?.condition === undefined ? [] : compileCondition(version.condition, catalogue.expressions).segments,
    );
    return other.name !== name && needs.includes(name) ? [other.name] : [];
  });
}

/** Names of the segments whose conditions read a trait, now or in a version that is being prepared. */
export function readersOfTrait(catalogue: Catalogue, trait: string): readonly string[] {
  return catalogue.definitions().flatMap((definition) => {
    const reads = [definition.active, definition.next].some((version) => {
      if (version?.condition === undefined) return false;
      const { traits, dates } = compileCondition(version.condition, catalogue.expressions);
      return traits.includes(trait) || dates.includes(trait);
    });
    return reads ? [definition.name] : [];
  });
}

/** Aggregates that a version needs. */
export function aggregatesOf({ condition, trait }: Version, { expressions }: Pick<Call<Settings>, 'expressions'>): readonly Aggregate[] {
  if (trait !== undefined) return [aggregateOfTrait(trait, expressions)];
  return condition === undefined ? [] : compileCondition(condition, expressions).aggregates;
}

function isSameContent(version: Version | undefined, condition: string | undefined, trait: TraitDefinition | undefined): boolean {
  return version !== undefined && version.condition === condition && JSON.stringify(version.trait) === JSON.stringify(trait);
}

function textIn({ properties }: LoggedEvent, name: string): string {
  const value = properties[name];
  return typeof value === 'string' ? value : '';
}

async function readAll<Value extends object>(call: Call<Settings>, table: string): Promise<readonly Value[]> {
  const rows: Value[] = [];
  let cursor: string | undefined;
  do {
    const page = await call.table<Value>(table).query({ limit: 1_000, ...(cursor !== undefined && { cursor }) });
    rows.push(...page.items.map(({ value }) => value));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return rows;
}
