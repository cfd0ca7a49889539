import { hash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject, Logger } from '@tendril/plugin-api';
import type { EventSchemaService, Problem } from '../hub.ts';
import type { TenantState } from '../ports.ts';
import { queryAll } from '../tenants/index.ts';
import type { UnplacedEvent } from './event-codec.ts';
import { compileSchema } from './schema-compiler.ts';
import type { FindProblems } from './schema-compiler.ts';
import { SCHEMA_VERSIONS, SCHEMAS } from './tables.ts';

/** How long another process's new schema may go unnoticed. */
const CACHE_AGE_MS = 2_000;
const MAX_SCHEMA_CHARACTERS = 65_536;
const MAX_NAME_CHARACTERS = 255;

interface SchemaRecord {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly schema: JsonObject;
  readonly createdAt: number;
  /** A removed schema keeps its record, so that versions go on counting. */
  readonly isRemoved?: boolean;
}

/** A schema that a plugin contributes to the tenants that have it enabled. */
export interface ContributedSchema {
  readonly name: string;
  readonly plugin: string;
  readonly schema: JsonObject;
}

/** The schemas in force for one tenant: `problemsOf` finds what is wrong with an event, without waiting. */
export interface SchemaSet {
  readonly isEmpty: boolean;
  problemsOf(event: UnplacedEvent): readonly Problem[];
}

/** Schemas of one tenant's event names, compiled once for each version. */
export interface EventSchemas extends EventSchemaService {
  /** As of now in this process, and of 2 s ago in others. */
  current(): Promise<SchemaSet>;
  /** Has `current` look again: which schemas are contributed has changed. */
  forget(): void;
}

const NO_PROBLEMS: readonly Problem[] = [];

/** Schemas over the tenant's state, and those that plugins contribute where the tenant has none of its own. */
export function createEventSchemas(options: {
  readonly state: TenantState;
  readonly clock: Clock;
  readonly log: Logger;
  readonly contributed?: () => Promise<readonly ContributedSchema[]>;
}): EventSchemas {
  const { state, clock, log, contributed = async () => [] } = options;
  const compiled = new Map<string, FindProblems>();
  /** By the schema itself, which stays the same object for as long as the plugin is loaded. */
  const compiledOfPlugins = new WeakMap<JsonObject, FindProblems>();
  let cached: { readonly set: SchemaSet; readonly at: number } | undefined;
  let loading: Promise<SchemaSet> | undefined;
  /** What was read before it grew is out of date. */
  let generation = 0;

  function find(record: SchemaRecord): FindProblems {
    const key = `${record.id}@${record.version}`;
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const fresh = compileSchema(record.schema);
    compiled.set(key, fresh);
    return fresh;
  }

  function findContributed({ schema }: ContributedSchema): FindProblems {
    const fresh = compiledOfPlugins.get(schema) ?? compileSchema(schema);
    compiledOfPlugins.set(schema, fresh);
    return fresh;
  }

  async function records(): Promise<readonly SchemaRecord[]> {
    return (await queryAll(state, SCHEMAS))
      .map((row) => row.value as unknown as SchemaRecord)
      .filter((record) => record.isRemoved !== true);
  }

  async function load(): Promise<SchemaSet> {
    const at = clock.now();
    const beganAt = generation;
    const byName = new Map([
      ...firstOfEach(await contributed()).map((schema): [string, FindProblems] => [schema.name, findContributed(schema)]),
      ...(await records()).map((record): [string, FindProblems] => [record.name, find(record)]),
    ]);
    const set: SchemaSet = {
      isEmpty: byName.size === 0,
      problemsOf: (event) => byName.get(event.name)?.(checkedPart(event)) ?? NO_PROBLEMS,
    };
    if (beganAt === generation) cached = { set, at };
    return set;
  }

  async function current(): Promise<SchemaSet> {
    if (cached !== undefined && clock.now() - cached.at < CACHE_AGE_MS) return cached.set;
    loading ??= load().finally(() => {
      loading = undefined;
    });
    try {
      return await loading;
    } catch (error) {
      if (cached === undefined) throw error;
      // The log may be writable while the state is not: what was in force a moment ago still is.
      log.warn({ err: error }, 'event schemas could not be read again; the last known ones stay in force');
      return cached.set;
    }
  }

  async function change(name: string, next: (before: SchemaRecord | undefined) => SchemaRecord): Promise<SchemaRecord> {
    for (;;) {
      const [row] = await state.get(SCHEMAS, [idOf(name)]);
      const record = next(row?.value as SchemaRecord | undefined);
      const value: JsonObject = { ...record };
      const result = await state.commit([
        { op: 'put', table: SCHEMAS, value, expect: row?.version ?? 0 },
        { op: 'put', table: SCHEMA_VERSIONS, value: { ...value, id: `${record.id}@${record.version}` } },
      ]);
      if (!result.ok) continue;
      cached = undefined;
      await loading?.catch(() => undefined);
      cached = undefined;
      return record;
    }
  }

  return {
    current,
    forget: () => {
      generation += 1;
      cached = undefined;
      loading = undefined;
    },
    put: async (name, schema) => {
      if (typeof name !== 'string' || name === '' || name.length > MAX_NAME_CHARACTERS)
        throw new TendrilError('INPUT_INVALID', { pointer: '/name', expected: 'the name of an event' });
      if (JSON.stringify(schema).length > MAX_SCHEMA_CHARACTERS)
        throw new TendrilError('INPUT_INVALID', { pointer: '/schema', limit: MAX_SCHEMA_CHARACTERS });
      compileSchema(schema);
      const { version } = await change(name, (before) => ({
        id: idOf(name),
        name,
        version: (before?.version ?? 0) + 1,
        schema,
        createdAt: clock.now(),
      }));
      return { version };
    },
    list: async () => {
      const own = (await records()).map(({ name, version, schema, createdAt }) => ({ name, version, schema, createdAt }));
      const names = new Set(own.map(({ name }) => name));
      const ofPlugins = firstOfEach(await contributed()).filter(({ name }) => !names.has(name));
      return [...own, ...ofPlugins].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    remove: async (name) => {
      await change(name, (before) => {
        if (before === undefined || before.isRemoved === true) throw new TendrilError('NOT_FOUND', { schema: name });
        return { ...before, isRemoved: true };
      });
    },
  };
}

/** Where two plugins contribute a schema for one name, the one that is loaded first holds. */
function firstOfEach(schemas: readonly ContributedSchema[]): readonly ContributedSchema[] {
  const known = new Set<string>();
  return schemas.filter(({ name }) => !known.has(name) && known.add(name));
}

/** What a schema speaks about: traits where the call is about traits, else properties. */
function checkedPart(event: UnplacedEvent): JsonObject {
  return event.kind === 'identify' || event.kind === 'group' ? event.traits : event.properties;
}

// Names may be longer than keys.
function idOf(name: string): string {
  return hash('sha256', name, 'hex').slice(0, 40);
}
