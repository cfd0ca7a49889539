import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { Setting } from '@tendril/schemas';
import type { PipelineInfo, PipelineService, Problem } from '../hub.ts';
import type { Change, TenantState } from '../ports.ts';
import { queryAll } from '../tenants/index.ts';
import type { TenantOpener } from '../tenants/contract.ts';
import { checkPipeline, settingProblem } from './check/check-pipeline.ts';
import type { CheckEnvironment } from './check/check-pipeline.ts';
import type { Definition } from './definition.ts';
import { effectiveSettings } from './deployments.ts';
import type { DefinitionRecord, DeployedRecord } from './deployments.ts';
import { nearestName } from '../nearest-name.ts';
import { withoutUndefined } from './runs/records.ts';
import { DEFINITIONS, DEPLOYED, GENERATION_COUNTER } from './tables.ts';

/** What the service needs. */
export interface PipelineServiceOptions {
  readonly tenants: TenantOpener;
  readonly clock: Clock;
  readonly environment: (tenantId: string) => CheckEnvironment;
}

const DEPLOY_ATTEMPTS = 5;

/** @returns the pipelines of one tenant */
export function createPipelineService(tenantId: string, options: PipelineServiceOptions): PipelineService {
  const { tenants, clock } = options;
  const check = (source: string, file?: string): ReturnType<typeof checkPipeline> =>
    checkPipeline(source, file, options.environment(tenantId));
  const open = async (): Promise<TenantState> => (await tenants.open(tenantId)).state;

  async function change(id: string, edit: (deployed: DeployedRecord, definition: Definition) => DeployedRecord): Promise<PipelineInfo> {
    const state = await open();
    for (let attempt = 1; attempt <= DEPLOY_ATTEMPTS; attempt += 1) {
      const current = await readDeployed(state, id);
      if (current === undefined) throw new TendrilError('PIPELINE_UNKNOWN', { pipeline: id });
      const definition = await readDefinition(state, current.record);
      const record = edit(current.record, definition.definition);
      if ((await state.commit([putDeployed(record, current.version), noteChange()])).ok) return toInfo(record, definition);
    }
    throw new TendrilError('CONFLICT', { pipeline: id });
  }

  return {
    validate: async (source, file) => (await check(source, file)).faults,
    deploy: async (source, file) => {
      const { faults, definition } = await check(source, file);
      if (definition === undefined) throw new TendrilError('PIPELINE_INVALID', { ...(file === undefined ? {} : { file }), faults });
      return deploy(await open(), source, definition, clock.now());
    },
    list: async () => {
      const state = await open();
      const records = (await queryAll(state, DEPLOYED)).map((row) => row.value as unknown as DeployedRecord);
      return Promise.all(records.map(async (record) => toInfo(record, await readDefinition(state, record))));
    },
    get: async (id) => {
      const state = await open();
      const current = await readDeployed(state, id);
      return current === undefined ? undefined : toInfo(current.record, await readDefinition(state, current.record));
    },
    configure: (id, settings) =>
      change(id, (record, definition) => ({ ...record, settings: { ...record.settings, ...checkedSettings(definition, settings) } })),
    pause: async (id) => {
      await change(id, (record) => ({ ...record, isPaused: true }));
    },
    resume: async (id) => {
      await change(id, (record) => ({ ...record, isPaused: false }));
    },
  };
}

/** Deploying what is in force already changes nothing. */
async function deploy(state: TenantState, source: string, definition: Definition, now: number): Promise<PipelineInfo> {
  const id = definition.pipeline;
  for (let attempt = 1; attempt <= DEPLOY_ATTEMPTS; attempt += 1) {
    const current = await readDeployed(state, id);
    const before = current === undefined ? undefined : await readDefinition(state, current.record);
    if (current !== undefined && before?.source === source) return toInfo(current.record, before);
    const version = (current?.record.version ?? 0) + 1;
    const kept: DefinitionRecord = { key: `${id}@${String(version)}`, id, version, source, definition, createdAt: now };
    const record: DeployedRecord = {
      id,
      version,
      isPaused: current?.record.isPaused ?? false,
      settings: stillValid(definition, current?.record.settings ?? {}),
      deployedAt: now,
    };
    const changes: Change[] = [
      { op: 'put', table: DEFINITIONS, value: kept as unknown as JsonObject, expect: 0 },
      putDeployed(record, current?.version ?? 0),
      noteChange(),
    ];
    if ((await state.commit(changes)).ok) return toInfo(record, kept);
  }
  throw new TendrilError('CONFLICT', { pipeline: id });
}

function putDeployed(record: DeployedRecord, expect: number): Change {
  return { op: 'put', table: DEPLOYED, value: record as unknown as JsonObject, expect };
}

function noteChange(): Change {
  return { op: 'count', counter: GENERATION_COUNTER, by: 1 };
}

async function readDeployed(
  state: TenantState,
  id: string,
): Promise<{ readonly record: DeployedRecord; readonly version: number } | undefined> {
  const [row] = await state.get(DEPLOYED, [id]);
  return row === undefined ? undefined : { record: row.value as unknown as DeployedRecord, version: row.version };
}

async function readDefinition(state: TenantState, { id, version }: DeployedRecord): Promise<DefinitionRecord> {
  const [row] = await state.get(DEFINITIONS, [`${id}@${String(version)}`]);
  if (row === undefined) throw new TendrilError('PIPELINE_UNKNOWN', { pipeline: id, version });
  return row.value as unknown as DefinitionRecord;
}

function stillValid(definition: Definition, settings: JsonObject): JsonObject {
  const kept = Object.entries(settings).filter(([name, value]) => {
    const setting = definition.settings?.[name];
    return setting !== undefined && settingProblem(setting, value) === undefined;
  });
  return Object.fromEntries(kept);
}

function checkedSettings(definition: Definition, settings: JsonObject): JsonObject {
  const known = definition.settings ?? {};
  const problems = Object.entries(settings).flatMap(([name, value]): readonly Problem[] => {
    const setting = Object.hasOwn(known, name) ? known[name] : undefined;
    const pointer = `/${name}`;
    if (setting === undefined) {
      const suggestion = nearestName(name, Object.keys(known));
      return [{ pointer, message: `There is no setting \`${name}\`.`, ...(suggestion === undefined ? {} : { suggestion }) }];
    }
    const problem = settingProblem(setting, value);
    return problem === undefined ? [] : [{ pointer, message: `\`${name}\` ${problem}.` }];
  });
  if (problems.length > 0) throw new TendrilError('INPUT_INVALID', { problems });
  return settings;
}

function toInfo(record: DeployedRecord, { definition, source }: DefinitionRecord): PipelineInfo {
  const settings = definition.settings ?? {};
  return {
    id: record.id,
    title: definition.title ?? record.id,
    version: record.version,
    isPaused: record.isPaused,
    source,
    settings: effectiveSettings({ settings }, record.settings),
    settingsSchema: settingsSchema(settings),
    trigger: definition.trigger as unknown as JsonObject,
    deployedAt: record.deployedAt,
  };
}

function settingsSchema(settings: Readonly<Record<string, Setting>>): JsonObject {
  const properties = Object.entries(settings).map(
    ([name, { type, title, description, enum: choices, minimum, maximum, default: standard }]) => [
      name,
      withoutUndefined({ type, title, description, enum: choices, minimum, maximum, default: standard }),
    ],
  );
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(properties) as JsonObject };
}
