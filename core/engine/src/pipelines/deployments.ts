import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject, Logger, StartedPipeline } from '@tendril/plugin-api';
import type { EnvironmentName } from '../environments.ts';
import type { OpenTenant, TenantOpener } from '../tenants/contract.ts';
import { compilePipeline } from './compile.ts';
import type { CompiledPipeline } from './compiled.ts';
import type { Definition } from './definition.ts';
import { deployedKey, readAllDeployed, readAwaited, readDefinition, readDeployed } from './deployed-records.ts';
import type { DeployedRecord } from './deployed-records.ts';
import { GENERATION_COUNTER } from './tables.ts';

export type { DeployedRecord } from './deployed-records.ts';

/** A pipeline in force, ready to run. */
export interface Deployed {
  readonly record: DeployedRecord;
  readonly compiled: CompiledPipeline;
  /** With defaults. */
  readonly settings: JsonObject;
  /** The lock of this process: runs keep the one they are started with. */
  readonly lock?: string;
}

interface Snapshot {
  readonly generation: number;
  /** By the key of the row: id and environment. */
  readonly byKey: ReadonlyMap<string, Deployed>;
  readonly byEvent: ReadonlyMap<string, readonly Deployed[]>;
  readonly awaited: ReadonlySet<string>;
}

const KEPT_VERSIONS = 2_000;

/** What is in force, and compiled versions. Notices deployments of other processes: each answer is as of now, for one cheap question when nothing has changed. */
export class Deployments {
  readonly #tenants: TenantOpener;
  readonly #log: Logger;
  readonly #lock: (() => string) | undefined;
  readonly #snapshots = new Map<string, Promise<Snapshot>>();
  readonly #compiled = new Map<string, Promise<CompiledPipeline>>();

  constructor(tenants: TenantOpener, log: Logger, lock?: () => string) {
    this.#tenants = tenants;
    this.#log = log;
    this.#lock = lock;
  }

  /** Unpaused pipelines of all environments by the event that starts them, those of segments too. */
  async byEvent(tenantId: string): Promise<ReadonlyMap<string, readonly Deployed[]>> {
    return (await this.#snapshot(tenantId)).byEvent;
  }

  /** What is in force in just this environment, paused or not. */
  async find(tenantId: string, id: string, environment: EnvironmentName): Promise<Deployed | undefined> {
    return (await this.#snapshot(tenantId)).byKey.get(deployedKey(id, environment));
  }

  /** What runs of an environment take: the version in force there, that of production where there is none. */
  async chosen(tenantId: string, id: string, environment: EnvironmentName): Promise<Deployed | undefined> {
    const { byKey } = await this.#snapshot(tenantId);
    return byKey.get(deployedKey(id, environment)) ?? byKey.get(deployedKey(id, 'production'));
  }

  /** What is in force in any environment, paused or not. */
  async list(tenantId: string): Promise<readonly Deployed[]> {
    return [...(await this.#snapshot(tenantId)).byKey.values()];
  }

  /** What an event starts, paused or not: a live one what is in production, one of a test app what is in any environment. By id. */
  async startedBy(tenantId: string, event: string, isTest: boolean): Promise<readonly StartedPipeline[]> {
    const started = (await this.list(tenantId)).filter(
      ({ record, compiled }) => compiled.trigger.event === event && (isTest || record.environment === 'production'),
    );
    const byId = Map.groupBy(started, ({ record }) => record.id);
    return [...byId].map(([id, deployed]) => ({ id, isPaused: deployed.every(({ record }) => record.isPaused) }));
  }

  /** Names of events that a step of a run in flight may wait for. */
  async awaitedEvents(tenantId: string): Promise<ReadonlySet<string>> {
    return (await this.#snapshot(tenantId)).awaited;
  }

  async #snapshot(tenantId: string): Promise<Snapshot> {
    const tenant = await this.#tenants.open(tenantId);
    const [generation = 0] = await tenant.state.counters([GENERATION_COUNTER]);
    const known = this.#snapshots.get(tenantId);
    if (known !== undefined && (await known).generation === generation) return known;
    // Somebody else may have begun to read it while this one waited.
    const begun = this.#snapshots.get(tenantId);
    if (begun !== undefined && begun !== known && (await begun).generation >= generation) return begun;
    // The number was read before the rows: rows that are newer than it are read once more, never missed.
    const reading = this.#read(tenant, generation);
    this.#snapshots.set(tenantId, reading);
    reading.catch(() => {
      if (this.#snapshots.get(tenantId) === reading) this.#snapshots.delete(tenantId);
    });
    return reading;
  }

  async #read({ state, tenant }: OpenTenant, generation: number): Promise<Snapshot> {
    const [records, awaited] = await Promise.all([readAllDeployed(state), readAwaited(state)]);
    const deployed = await Promise.all(records.map((record) => this.#toDeployed(tenant.id, record)));
    const byKey = new Map<string, Deployed>();
    const byEvent = new Map<string, Deployed[]>();
    for (const pipeline of deployed) {
      if (pipeline === undefined) continue;
      const { record, compiled } = pipeline;
      byKey.set(deployedKey(record.id, record.environment), pipeline);
      const { event } = compiled.trigger;
      if (event !== undefined && !record.isPaused) byEvent.set(event, [...(byEvent.get(event) ?? []), pipeline]);
    }
    return { generation, byKey, byEvent, awaited };
  }

  /** One that an older version let pass and this one does not must not stop the others. */
  async #toDeployed(tenantId: string, record: DeployedRecord): Promise<Deployed | undefined> {
    try {
      const compiled = await this.load(tenantId, record.id, record.version);
      const lock = this.#lock?.();
      return { record, compiled, settings: effectiveSettings(compiled, record.settings), ...(lock === undefined ? {} : { lock }) };
    } catch (error) {
      if (TendrilError.is(error) && error.code !== 'PIPELINE_UNKNOWN') throw error;
      this.#log.error(
        { tenantId, pipeline: record.id, version: record.version, err: error },
        'a deployed pipeline does not compile; it starts nothing',
      );
      return undefined;
    }
  }

  /** The definition of what is in force in just this environment. */
  async definition(tenantId: string, id: string, environment: EnvironmentName): Promise<Definition | undefined> {
    const { state } = await this.#tenants.open(tenantId);
    const current = await readDeployed(state, id, environment);
    return current && (await readDefinition(state, id, current.record.version)).definition;
  }

  /** The definition of a version, in force or not. @throws TendrilError PIPELINE_UNKNOWN */
  async version(tenantId: string, id: string, version: number): Promise<Definition> {
    return (await readDefinition((await this.#tenants.open(tenantId)).state, id, version)).definition;
  }

  /** The compiled version of a pipeline; compiled once per process. @throws TendrilError PIPELINE_UNKNOWN */
  readonly load = (tenantId: string, id: string, version: number): Promise<CompiledPipeline> => {
    const key = `${tenantId}/${id}@${String(version)}`;
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const loading = this.#compile(tenantId, id, version);
    loading.catch(() => this.#compiled.delete(key));
    const oldest = this.#compiled.keys().next();
    if (this.#compiled.size >= KEPT_VERSIONS && oldest.done !== true) this.#compiled.delete(oldest.value);
    this.#compiled.set(key, loading);
    return loading;
  };

  async #compile(tenantId: string, id: string, version: number): Promise<CompiledPipeline> {
    const { state } = await this.#tenants.open(tenantId);
    return compilePipeline((await readDefinition(state, id, version)).definition);
  }
}

/** The settings with their defaults. */
export function effectiveSettings(pipeline: Pick<CompiledPipeline, 'settings'>, set: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(pipeline.settings).map(([name, setting]) => [name, set[name] ?? setting.default]));
}
