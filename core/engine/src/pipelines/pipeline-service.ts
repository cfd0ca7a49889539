import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import { ENVIRONMENTS } from '../environments.ts';
import type { EnvironmentName } from '../environments.ts';
import type { Change, TenantState } from '../ports.ts';
import type { TenantOpener } from '../tenants/contract.ts';
import { checkPipeline } from './check/check-pipeline.ts';
import type { CheckEnvironment, CheckResult } from './check/check-pipeline.ts';
import type { CompiledPipeline } from './compiled.ts';
import type { PipelineInfo, PipelineService, PipelineVersion } from './contract.ts';
import type { Definition } from './definition.ts';
import {
  awaitedChanges,
  deployedKey,
  putDeployed,
  readAllDeployed,
  readDefinition,
  readDeployed,
  readInForce,
  readNewest,
  readVersions,
} from './deployed-records.ts';
import type { DefinitionRecord, DeployedRecord, DeployedRow } from './deployed-records.ts';
import { effectiveSettings } from './deployments.ts';
import { checkedSettings, settingsSchema, stillValid } from './settings-values.ts';
import { DEFINITIONS, DEPLOYED, GENERATION_COUNTER } from './tables.ts';

/** What a change of what is in force is about. */
export interface DeployContext {
  readonly tenantId: string;
  readonly definition: Definition;
  /** What was in force until now. */
  readonly before: DeployedRecord | undefined;
}

/**
 * What else is written when a pipeline is put in force, taken out, paused, resumed or configured, in the same commit.
 *
 * @param compiled `undefined` when it is taken out of force
 */
export type DeployChanges = (
  record: DeployedRecord,
  compiled: CompiledPipeline | undefined,
  context: DeployContext,
) => readonly Change[] | Promise<readonly Change[]>;

/** What the service needs. */
export interface PipelineServiceOptions {
  readonly tenants: TenantOpener;
  readonly clock: Clock;
  readonly environment: (tenantId: string, environment: EnvironmentName) => CheckEnvironment;
  readonly load: (tenantId: string, id: string, version: number) => Promise<CompiledPipeline>;
  /** Starting by hand. */
  readonly start: (tenantId: string) => PipelineService['start'];
  /** None unless told. */
  readonly deployChanges?: DeployChanges;
  /** What only the room of its trigger knows: addresses and due times. */
  readonly triggerInfo?: (
    tenantId: string,
    record: DeployedRecord,
  ) => Promise<Pick<PipelineInfo, 'webhookPath' | 'nextAt' | 'triggerError'>>;
  /** Called after the runs of a pipeline are no longer held. */
  readonly released?: (tenantId: string, id: string, environment: EnvironmentName) => Promise<unknown>;
}

const DEPLOY_ATTEMPTS = 10;
/** How many versions that were in force before are remembered. */
const KEPT_HISTORY = 50;

/** @returns the pipelines of one tenant */
export function createPipelineService(tenantId: string, options: PipelineServiceOptions): PipelineService {
  return new Service(tenantId, options);
}

/** A version that has passed the checker, on its way into force. */
interface Candidate {
  readonly kept: DefinitionRecord;
  readonly compiled: CompiledPipeline;
  /** Has to be written too. */
  readonly isNew: boolean;
}

class Service implements PipelineService {
  readonly #tenantId: string;
  readonly #options: PipelineServiceOptions;
  readonly start: PipelineService['start'];

  constructor(tenantId: string, options: PipelineServiceOptions) {
    this.#tenantId = tenantId;
    this.#options = options;
    this.start = (id, startOptions) => options.start(tenantId)(id, startOptions);
  }

  async validate(source: string, file?: string): ReturnType<PipelineService['validate']> {
    return (await this.#check(source, file, 'production')).faults;
  }

  async deploy(
    source: string,
    { file, environment = 'production', whenNew = {} }: Parameters<PipelineService['deploy']>[1] & object = {},
  ): Promise<PipelineInfo> {
    const { definition, compiled } = await this.#passed(source, file, environment);
    const id = definition.pipeline;
    const state = await this.#state();
    for (let attempt = 1; attempt <= DEPLOY_ATTEMPTS; attempt += 1) {
      const [current, newest] = await Promise.all([readDeployed(state, id, environment), readNewest(state, id)]);
      const before = current && (await readDefinition(state, id, current.record.version));
      // Deploying what is in force already changes nothing.
      if (current !== undefined && before?.source === source) return this.#toInfo(current.record, before);
      const candidate = toCandidate(source, definition, compiled, newest, this.#options.clock.now());
      const first = { isPaused: whenNew.isPaused ?? false, settings: checkedSettings(definition, whenNew.settings ?? {}) };
      const done = await this.#putInForce(state, environment, current, candidate, historyOf(current?.record), first);
      if (done !== undefined) return done;
    }
    throw new TendrilError('CONFLICT', { pipeline: id });
  }

  async list(environment: EnvironmentName = 'production'): Promise<readonly PipelineInfo[]> {
    const state = await this.#state();
    const records = (await readAllDeployed(state)).filter((record) => record.environment === environment);
    return Promise.all(records.map(async (record) => this.#toInfo(record, await readDefinition(state, record.id, record.version))));
  }

  async get(id: string, environment: EnvironmentName = 'production'): Promise<PipelineInfo | undefined> {
    const state = await this.#state();
    const current = await readDeployed(state, id, environment);
    return current && this.#toInfo(current.record, await readDefinition(state, id, current.record.version));
  }

  async versions(id: string): Promise<readonly PipelineVersion[]> {
    const state = await this.#state();
    const [versions, inForce] = await Promise.all([readVersions(state, id), readInForce(state, id)]);
    if (versions.length === 0) throw new TendrilError('PIPELINE_UNKNOWN', { pipeline: id });
    return versions.map(({ version, createdAt, source }) => ({
      version,
      createdAt,
      source,
      environments: ENVIRONMENTS.filter((name) => inForce.some((record) => record.environment === name && record.version === version)),
    }));
  }

  async rollback(
    id: string,
    { version, environment = 'production' }: { readonly version?: number; readonly environment?: EnvironmentName } = {},
  ): Promise<PipelineInfo> {
    const state = await this.#state();
    for (let attempt = 1; attempt <= DEPLOY_ATTEMPTS; attempt += 1) {
      const current = await this.#inForce(state, id, environment);
      const { record } = current;
      const wanted = version ?? record.history[0] ?? (record.version > 1 ? record.version - 1 : undefined);
      if (wanted === undefined)
        throw new TendrilError('PIPELINE_UNKNOWN', { pipeline: id, problem: 'There is no version before this one.' });
      const candidate = await this.#again(state, id, wanted, environment);
      if (wanted === record.version) return this.#toInfo(record, candidate.kept);
      // Going back once more goes to the version before that one, not forward again.
      const history = version === undefined ? record.history.slice(1) : historyOf(record);
      const done = await this.#putInForce(state, environment, current, candidate, history);
      if (done !== undefined) return done;
    }
    throw new TendrilError('CONFLICT', { pipeline: id });
  }

  async promote(id: string, from: EnvironmentName, to: EnvironmentName): Promise<PipelineInfo> {
    const state = await this.#state();
    for (let attempt = 1; attempt <= DEPLOY_ATTEMPTS; attempt += 1) {
      const { version } = (await this.#inForce(state, id, from)).record;
      const current = await readDeployed(state, id, to);
      const candidate = await this.#again(state, id, version, to);
      if (current?.record.version === version) return this.#toInfo(current.record, candidate.kept);
      const done = await this.#putInForce(state, to, current, candidate, historyOf(current?.record));
      if (done !== undefined) return done;
    }
    throw new TendrilError('CONFLICT', { pipeline: id });
  }

  async undeploy(id: string, environment: EnvironmentName = 'production'): Promise<void> {
    const state = await this.#state();
    for (let attempt = 1; attempt <= DEPLOY_ATTEMPTS; attempt += 1) {
      const { record, rowVersion } = await this.#inForce(state, id, environment);
      const { definition } = await readDefinition(state, id, record.version);
      const others = await this.#otherChanges(record, undefined, definition, record);
      const remove: Change = { op: 'delete', table: DEPLOYED, key: deployedKey(id, environment), expect: rowVersion };
      if (!(await state.commit([remove, noteChange(), ...others])).ok) continue;
      await this.#options.released?.(this.#tenantId, id, environment);
      return;
    }
    throw new TendrilError('CONFLICT', { pipeline: id });
  }

  configure(id: string, settings: JsonObject, environment: EnvironmentName = 'production'): Promise<PipelineInfo> {
    return this.#edit(id, environment, (record, definition) => ({
      ...record,
      settings: { ...record.settings, ...checkedSettings(definition, settings) },
    }));
  }

  async pause(
    id: string,
    { environment = 'production', holdRuns = false }: { readonly environment?: EnvironmentName; readonly holdRuns?: boolean } = {},
  ): Promise<void> {
    await this.#edit(id, environment, (record) => ({ ...record, isPaused: true, holdsRuns: holdRuns }));
    if (!holdRuns) await this.#options.released?.(this.#tenantId, id, environment);
  }

  async resume(id: string, environment: EnvironmentName = 'production'): Promise<void> {
    await this.#edit(id, environment, (record) => ({ ...record, isPaused: false, holdsRuns: false }));
    await this.#options.released?.(this.#tenantId, id, environment);
  }

  async #state(): Promise<TenantState> {
    return (await this.#options.tenants.open(this.#tenantId)).state;
  }

  #check(source: string, file: string | undefined, environment: EnvironmentName): Promise<CheckResult> {
    return checkPipeline(source, file, this.#options.environment(this.#tenantId, environment));
  }

  async #passed(
    source: string,
    file: string | undefined,
    environment: EnvironmentName,
  ): Promise<{ readonly definition: Definition; readonly compiled: CompiledPipeline }> {
    const { faults, definition, compiled } = await this.#check(source, file, environment);
    if (definition !== undefined && compiled !== undefined) return { definition, compiled };
    throw new TendrilError('PIPELINE_INVALID', { ...(file === undefined ? {} : { file }), faults });
  }

  /** A version that exists, checked as it stands today: actions and connections may have gone since. */
  async #again(state: TenantState, id: string, version: number, environment: EnvironmentName): Promise<Candidate> {
    const kept = await readDefinition(state, id, version);
    await this.#passed(kept.source, undefined, environment);
    return { kept, compiled: await this.#options.load(this.#tenantId, id, version), isNew: false };
  }

  async #inForce(state: TenantState, id: string, environment: EnvironmentName): Promise<DeployedRow> {
    const current = await readDeployed(state, id, environment);
    if (current === undefined) throw new TendrilError('PIPELINE_UNKNOWN', { pipeline: id, environment });
    return current;
  }

  /** One commit, or nothing: `undefined` when somebody else was faster. */
  async #putInForce(
    state: TenantState,
    environment: EnvironmentName,
    current: DeployedRow | undefined,
    { kept, compiled, isNew }: Candidate,
    history: readonly number[],
    first: { readonly isPaused: boolean; readonly settings: JsonObject } = { isPaused: false, settings: {} },
  ): Promise<PipelineInfo | undefined> {
    const { id, version, definition } = kept;
    const before = current?.record;
    const record: DeployedRecord = {
      id,
      environment,
      version,
      isPaused: before?.isPaused ?? first.isPaused,
      holdsRuns: before?.holdsRuns ?? false,
      settings: stillValid(definition, before?.settings ?? first.settings),
      deployedAt: this.#options.clock.now(),
      history,
    };
    const changes: readonly Change[] = [
      ...(isNew ? [{ op: 'put', table: DEFINITIONS, value: kept as unknown as JsonObject, expect: 0 } as const] : []),
      putDeployed(record, current?.rowVersion ?? 0),
      noteChange(),
      ...awaitedChanges(compiled.awaitedEvents),
      ...(await this.#otherChanges(record, compiled, definition, before)),
    ];
    return (await state.commit(changes)).ok ? this.#toInfo(record, kept) : undefined;
  }

  async #edit(
    id: string,
    environment: EnvironmentName,
    edit: (record: DeployedRecord, definition: Definition) => DeployedRecord,
  ): Promise<PipelineInfo> {
    const state = await this.#state();
    for (let attempt = 1; attempt <= DEPLOY_ATTEMPTS; attempt += 1) {
      const { record: before, rowVersion } = await this.#inForce(state, id, environment);
      const kept = await readDefinition(state, id, before.version);
      const record = edit(before, kept.definition);
      const compiled = await this.#options.load(this.#tenantId, id, before.version);
      const others = await this.#otherChanges(record, compiled, kept.definition, before);
      if ((await state.commit([putDeployed(record, rowVersion), noteChange(), ...others])).ok) return this.#toInfo(record, kept);
    }
    throw new TendrilError('CONFLICT', { pipeline: id });
  }

  async #otherChanges(
    record: DeployedRecord,
    compiled: CompiledPipeline | undefined,
    definition: Definition,
    before: DeployedRecord | undefined,
  ): Promise<readonly Change[]> {
    return (await this.#options.deployChanges?.(record, compiled, { tenantId: this.#tenantId, definition, before })) ?? [];
  }

  async #toInfo(record: DeployedRecord, { definition, source }: DefinitionRecord): Promise<PipelineInfo> {
    const settings = definition.settings ?? {};
    return {
      id: record.id,
      title: definition.title ?? record.id,
      environment: record.environment,
      version: record.version,
      isPaused: record.isPaused,
      ...(record.isPaused && record.holdsRuns ? { holdsRuns: true } : {}),
      source,
      settings: effectiveSettings({ settings }, record.settings),
      settingsSchema: settingsSchema(settings),
      trigger: definition.trigger as unknown as JsonObject,
      ...(definition.input === undefined ? {} : { inputSchema: definition.input }),
      deployedAt: record.deployedAt,
      ...(await this.#options.triggerInfo?.(this.#tenantId, record)),
    };
  }
}

/** Versions count up over all environments; the newest is taken again when it says the same. */
function toCandidate(
  source: string,
  definition: Definition,
  compiled: CompiledPipeline,
  newest: DefinitionRecord | undefined,
  now: number,
): Candidate {
  if (newest?.source === source) return { kept: newest, compiled, isNew: false };
  const id = definition.pipeline;
  const version = (newest?.version ?? 0) + 1;
  return { kept: { key: `${id}@${String(version)}`, id, version, source, definition, createdAt: now }, compiled, isNew: true };
}

function historyOf(record: DeployedRecord | undefined): readonly number[] {
  if (record === undefined) return [];
  return [record.version, ...record.history.filter((version) => version !== record.version)].slice(0, KEPT_HISTORY);
}

function noteChange(): Change {
  return { op: 'count', counter: GENERATION_COUNTER, by: 1 };
}
