import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject, Logger } from '@tendril/plugin-api';
import { queryAll } from '../tenants/index.ts';
import type { OpenTenant, TenantOpener } from '../tenants/contract.ts';
import { compilePipeline } from './compile.ts';
import type { CompiledPipeline } from './compiled.ts';
import type { Definition } from './definition.ts';
import { DEFINITIONS, DEPLOYED, GENERATION_COUNTER } from './tables.ts';

/** One version of a pipeline, as it is kept for ever. */
export interface DefinitionRecord {
  /** `id@version`. */
  readonly key: string;
  readonly id: string;
  readonly version: number;
  readonly source: string;
  readonly definition: Definition;
  readonly createdAt: number;
}

/** Which version of a pipeline is in force. */
export interface DeployedRecord {
  readonly id: string;
  readonly version: number;
  readonly isPaused: boolean;
  /** Only those that somebody has set. */
  readonly settings: JsonObject;
  readonly deployedAt: number;
}

/** A pipeline in force, ready to run. */
export interface Deployed {
  readonly record: DeployedRecord;
  readonly compiled: CompiledPipeline;
  /** With defaults. */
  readonly settings: JsonObject;
}

interface Snapshot {
  readonly generation: number;
  readonly byEvent: ReadonlyMap<string, readonly Deployed[]>;
}

const KEPT_VERSIONS = 2_000;

/** The pipelines in force, by event name, and compiled versions. Notices deployments of other processes. */
export class Deployments {
  readonly #tenants: TenantOpener;
  readonly #log: Logger;
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #compiled = new Map<string, Promise<CompiledPipeline>>();

  constructor(tenants: TenantOpener, log: Logger) {
    this.#tenants = tenants;
    this.#log = log;
  }

  /** Unpaused pipelines by the event that starts them, as of now: one cheap question when nothing has changed. */
  async byEvent(tenantId: string): Promise<ReadonlyMap<string, readonly Deployed[]>> {
    const tenant = await this.#tenants.open(tenantId);
    const [generation = 0] = await tenant.state.counters([GENERATION_COUNTER]);
    const known = this.#snapshots.get(tenantId);
    if (known?.generation === generation) return known.byEvent;
    const byEvent = await this.#read(tenant);
    this.#snapshots.set(tenantId, { generation, byEvent });
    return byEvent;
  }

  async #read(tenant: OpenTenant): Promise<ReadonlyMap<string, readonly Deployed[]>> {
    const rows = await queryAll(tenant.state, DEPLOYED);
    const active = rows.map((row) => row.value as unknown as DeployedRecord).filter(({ isPaused }) => !isPaused);
    const deployed = await Promise.all(active.map((record) => this.#toDeployed(tenant.tenant.id, record)));
    const byEvent = new Map<string, Deployed[]>();
    for (const pipeline of deployed) {
      const event = pipeline?.compiled.trigger.event;
      if (pipeline !== undefined && event !== undefined) byEvent.set(event, [...(byEvent.get(event) ?? []), pipeline]);
    }
    return byEvent;
  }

  /** One that an older version let pass and this one does not must not stop the others. */
  async #toDeployed(tenantId: string, record: DeployedRecord): Promise<Deployed | undefined> {
    try {
      const compiled = await this.load(tenantId, record.id, record.version);
      return { record, compiled, settings: effectiveSettings(compiled, record.settings) };
    } catch (error) {
      if (TendrilError.is(error) && error.code !== 'PIPELINE_UNKNOWN') throw error;
      this.#log.error(
        { tenantId, pipeline: record.id, version: record.version, err: error },
        'a deployed pipeline does not compile; it starts nothing',
      );
      return undefined;
    }
  }

  /** The compiled version of a pipeline; compiled once per process. @throws TendrilError PIPELINE_UNKNOWN */
  load(tenantId: string, id: string, version: number): Promise<CompiledPipeline> {
    const key = `${tenantId}/${id}@${String(version)}`;
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const loading = this.#compile(tenantId, id, version);
    loading.catch(() => this.#compiled.delete(key));
    const oldest = this.#compiled.keys().next();
    if (this.#compiled.size >= KEPT_VERSIONS && oldest.done !== true) this.#compiled.delete(oldest.value);
    this.#compiled.set(key, loading);
    return loading;
  }

  async #compile(tenantId: string, id: string, version: number): Promise<CompiledPipeline> {
    const { state } = await this.#tenants.open(tenantId);
    const [row] = await state.get(DEFINITIONS, [`${id}@${String(version)}`]);
    if (row === undefined) throw new TendrilError('PIPELINE_UNKNOWN', { pipeline: id, version });
    return compilePipeline((row.value as unknown as DefinitionRecord).definition);
  }
}

/** The settings with their defaults. */
export function effectiveSettings(pipeline: Pick<CompiledPipeline, 'settings'>, set: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(pipeline.settings).map(([name, setting]) => [name, set[name] ?? setting.default]));
}
