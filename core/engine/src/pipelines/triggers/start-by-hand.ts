import { TendrilError } from '@tendril/plugin-api';
import type { Clock, Json, JsonObject } from '@tendril/plugin-api';
import type { Random } from '../../environment.ts';
import type { Change } from '../../ports.ts';
import type { OpenTenant, TenantOpener } from '../../tenants/contract.ts';
import type { PipelineService, StartOptions } from '../contract.ts';
import type { Deployed, Deployments } from '../deployments.ts';
import { canonicalJson } from '../../canonical-json.ts';
import { digest, newRunId } from '../runs/records.ts';
import type { RunStarter } from '../runs/start-run.ts';
import type { RunStart } from '../starts/new-run.ts';
import { CALLS } from '../tables.ts';
import { assertMatches } from './check-input.ts';
import { eventByHand } from './event-by-hand.ts';
import { isTestIn } from './live-or-test.ts';
import type { PrepareStarts } from './prepare-starts.ts';

/** What starting by hand needs. */
export interface StartByHandOptions {
  readonly tenants: TenantOpener;
  readonly deployments: Deployments;
  readonly prepare: PrepareStarts;
  readonly starter: RunStarter;
  readonly clock: Clock;
  readonly random: Random;
}

type Started = Awaited<ReturnType<PipelineService['start']>>;

const START_ATTEMPTS = 5;

/** @returns what stands behind `PipelineService.start`, of one tenant; the condition of the trigger is not asked: somebody wants the run */
export function createStartByHand(options: StartByHandOptions): (tenantId: string) => PipelineService['start'] {
  const { tenants, deployments } = options;
  return (tenantId) =>
    async (id, asked = {}) => {
      const { environment = 'production' } = asked;
      const deployed = await deployments.find(tenantId, id, environment);
      if (deployed === undefined) throw new TendrilError('PIPELINE_UNKNOWN', { pipeline: id, environment });
      const tenant = await tenants.open(tenantId);
      if (asked.idempotencyKey === undefined) return startNew(options, tenant, deployed, asked, []);
      return startOnce(options, tenant, deployed, asked, asked.idempotencyKey);
    };
}

async function startOnce(
  options: StartByHandOptions,
  tenant: OpenTenant,
  deployed: Deployed,
  asked: StartOptions,
  idempotencyKey: string,
): Promise<Started> {
  const { id, environment } = deployed.record;
  const key = digest(['start', id, environment, idempotencyKey].join('\0'), 64);
  const what = digest(canonicalJson([asked.input ?? {}, asked.personId ?? null, asked.isTest ?? null]), 64);
  for (let attempt = 1; attempt <= START_ATTEMPTS; attempt += 1) {
    const [row] = await tenant.state.get(CALLS, [key]);
    if (row !== undefined) {
      if (row.value['asked'] !== what) throw new TendrilError('IDEMPOTENCY_KEY_REUSED');
      return { runId: row.value['runId'] as string, isNew: false };
    }
    const started = await tryStart(options, tenant, deployed, asked, (runId) => [
      { op: 'put', table: CALLS, value: { key, runId, asked: what, createdAt: options.clock.now() }, expect: 0 },
    ]);
    if (started !== undefined) return started;
  }
  throw new TendrilError('CONFLICT', { pipeline: id });
}

async function startNew(
  options: StartByHandOptions,
  tenant: OpenTenant,
  deployed: Deployed,
  asked: StartOptions,
  extra: readonly Change[],
): Promise<Started> {
  for (let attempt = 1; attempt <= START_ATTEMPTS; attempt += 1) {
    const started = await tryStart(options, tenant, deployed, asked, () => extra);
    if (started !== undefined) return started;
  }
  throw new TendrilError('CONFLICT', { pipeline: deployed.record.id });
}

/** @returns nothing when somebody was quicker: it has to be looked at again */
async function tryStart(
  { prepare, starter, clock, random }: StartByHandOptions,
  tenant: OpenTenant,
  deployed: Deployed,
  asked: StartOptions,
  extra: (runId: string) => readonly Change[],
): Promise<Started | undefined> {
  const { record } = deployed;
  if (record.isPaused) throw new TendrilError('PIPELINE_PAUSED', { pipeline: record.id });
  const now = clock.now();
  const { personId, requestId } = asked;
  const isTest = isTestIn(record.environment, asked.isTest);
  const unique = random.id();
  const { event, input } = handedOver(deployed, asked, now, unique);
  const start: RunStart = {
    id: newRunId(now, unique),
    startedAt: now,
    isTest,
    ...(event !== undefined && { event: { ...event, isTest } }),
    ...(input !== undefined && { input }),
    ...(personId !== undefined && { personId }),
    ...(requestId !== undefined && { requestId }),
  };
  const { runs, changes, refused } = await prepare(tenant, deployed, [start], { ignoresCondition: true });
  const [run] = runs;
  if (run === undefined) {
    const [refusal] = refused;
    throw new TendrilError('RUN_NOT_STARTED', { pipeline: record.id, ...refusal?.details, code: refusal?.reason ?? 'condition' });
  }
  return (await starter.start(tenant, run, [...extra(run.id), ...changes])) ? { runId: run.id, isNew: true } : undefined;
}

/** What the caller handed over, checked: the event of a trigger that follows the log, and the input. */
function handedOver(
  { compiled }: Deployed,
  { input = {} }: StartOptions,
  now: number,
  unique: string,
): { readonly event?: ReturnType<typeof eventByHand>; readonly input?: JsonObject } {
  const { event: name } = compiled.trigger;
  if (name === undefined) {
    assertMatches(compiled.inputSchema, input, 'input');
    return { input };
  }
  const { event, ...rest } = input;
  const hasEvent = isObject(event);
  // Without an `event` what is handed over are its properties, unless the pipeline says what its input is.
  const call = hasEvent ? event : compiled.inputSchema === undefined ? { properties: input } : {};
  const own = hasEvent || compiled.inputSchema !== undefined ? rest : {};
  assertMatches(compiled.inputSchema, own, 'input');
  return { event: eventByHand(name, call, now, unique), ...(Object.keys(own).length > 0 && { input: own }) };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
