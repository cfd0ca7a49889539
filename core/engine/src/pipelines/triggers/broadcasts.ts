import { TendrilError } from '@tendril/plugin-api';
import type { Clock } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import type { Random } from '../../environment.ts';
import type { Change, TenantState } from '../../ports.ts';
import type { OpenTenant, TenantOpener } from '../../tenants/contract.ts';
import type { BroadcastInfo, BroadcastService } from '../contract.ts';
import type { Deployed, Deployments } from '../deployments.ts';
import { canonicalJson } from '../../canonical-json.ts';
import { digest, newRunId } from '../runs/records.ts';
import { CALLS } from '../tables.ts';
import { AUDIENCE_CAPABILITY, pagesOf, readAudience } from './audience.ts';
import { BROADCAST_JOB } from './broadcast-job.ts';
import { putBroadcast, readBroadcast, toBroadcastInfos } from './broadcast-record.ts';
import type { BroadcastRecord } from './broadcast-record.ts';
import { assertMatches } from './check-input.ts';
import { isTestIn } from './live-or-test.ts';
import { BROADCASTS } from './tables.ts';

/** What broadcasts need. */
export interface BroadcastsOptions {
  readonly tenants: TenantOpener;
  readonly deployments: Deployments;
  readonly actions: ActionPath;
  readonly clock: Clock;
  readonly random: Random;
}

type SendOptions = Parameters<BroadcastService['send']>[1];

const PRIORITY = 4;
const ATTEMPTS = 10;
const PAGES_PER_COMMIT = 20;
const LONGEST_ID = 200;

/** @returns broadcasts of one tenant */
export function createBroadcastService(options: BroadcastsOptions): (tenantId: string) => BroadcastService {
  const { tenants, clock } = options;
  return (tenantId) => {
    const open = async (): Promise<OpenTenant> => tenants.open(tenantId);
    const edit = (id: string, change: (record: BroadcastRecord) => BroadcastRecord): Promise<void> =>
      editBroadcast(open, clock, id, change);
    return {
      send: async (pipeline, asked) => send(options, await open(), pipeline, asked),
      list: async ({ pipeline, limit = 50, cursor } = {}) => {
        const { state } = await open();
        const page = await state.query(BROADCASTS, {
          ...(pipeline === undefined ? { index: 'by_time' } : { index: 'by_pipeline', equals: { pipeline } }),
          order: 'descending',
          limit: Math.max(1, Math.min(limit, 200)),
          ...(cursor !== undefined && { cursor }),
        });
        const records = page.items.map(({ value }) => value as unknown as BroadcastRecord);
        const items = await toBroadcastInfos(state, records);
        return page.nextCursor === undefined ? { items } : { items, nextCursor: page.nextCursor };
      },
      get: async (id) => {
        const { state } = await open();
        const row = await readBroadcast(state, id);
        return row && showOne(state, row.record);
      },
      pause: (id) => edit(id, (record) => (record.state === 'running' ? { ...record, state: 'paused' } : record)),
      resume: (id) => edit(id, (record) => (record.state === 'paused' ? { ...record, state: 'running' } : record)),
      cancel: (id, { withRuns = false } = {}) =>
        edit(id, (record) => {
          const isOpen = record.state === 'running' || record.state === 'paused';
          const ended = isOpen ? ({ ...record, state: 'cancelled', endedAt: clock.now(), waiting: [] } as const) : record;
          return withRuns ? { ...ended, cancelling: {} } : ended;
        }),
    };
  };
}

async function send(options: BroadcastsOptions, tenant: OpenTenant, pipeline: string, asked: SendOptions): Promise<BroadcastInfo> {
  const { deployments, clock, random } = options;
  const { environment = 'production', idempotencyKey } = asked;
  const deployed = await deployments.find(tenant.tenant.id, pipeline, environment);
  if (deployed === undefined) throw new TendrilError('PIPELINE_UNKNOWN', { pipeline, environment });
  const people = asked.people && [...new Set(asked.people)];
  assertSendable(deployed, asked, people);
  const now = clock.now();
  // Under a key of its own it is the same one, however often it is tried.
  const key = idempotencyKey === undefined ? undefined : digest(['broadcast', pipeline, environment, idempotencyKey].join('\0'), 64);
  const what = digest(canonicalJson({ ...asked, idempotencyKey: null }), 64);
  const before = key === undefined ? undefined : await findSent(tenant.state, key, what);
  if (before !== undefined) return before;
  const record = await newRecord(
    options,
    tenant,
    deployed,
    { ...asked, ...(people !== undefined && { people }) },
    newRunId(now, random.id()),
  );
  await keepPeople(tenant.state, record.id, people ?? []);
  const changes: Change[] = [putBroadcast(record, 0), jobChange(record.id, now)];
  if (key !== undefined)
    changes.push({ op: 'put', table: CALLS, value: { key, runId: record.id, asked: what, createdAt: now }, expect: 0 });
  if ((await tenant.state.commit(changes)).ok) return showOne(tenant.state, record);
  const other = key === undefined ? undefined : await findSent(tenant.state, key, what);
  if (other === undefined) throw new TendrilError('CONFLICT', { pipeline });
  return other;
}

function assertSendable({ compiled, record }: Deployed, { input, perMinute }: SendOptions, people: readonly string[] | undefined): void {
  const refuse = (pointer: string, message: string): never => {
    throw new TendrilError('INPUT_INVALID', { in: 'body', problems: [{ pointer, message }] });
  };
  if (compiled.trigger.kind !== 'broadcast') refuse('/pipeline', `\`${record.id}\` is started by something else than a broadcast`);
  if (record.isPaused) throw new TendrilError('PIPELINE_PAUSED', { pipeline: record.id });
  if (perMinute !== undefined && !(Number.isInteger(perMinute) && perMinute >= 1))
    refuse('/perMinute', 'must be a whole number of at least 1');
  const odd = people?.findIndex((id) => typeof id !== 'string' || id === '' || id.length > LONGEST_ID) ?? -1;
  if (odd >= 0) refuse(`/people/${String(odd)}`, `must be the id of a person: text of 1 to ${String(LONGEST_ID)} characters`);
  assertMatches(compiled.inputSchema, input ?? {}, 'input');
}

async function newRecord(
  { actions, clock }: BroadcastsOptions,
  tenant: OpenTenant,
  deployed: Deployed,
  asked: SendOptions,
  id: string,
): Promise<BroadcastRecord> {
  const { record, compiled } = deployed;
  const { broadcast = {} } = compiled.trigger.definition;
  const { people, input } = asked;
  const isTest = isTestIn(record.environment, asked.isTest);
  const segment = people === undefined ? (asked.segment ?? broadcast.segment) : undefined;
  const perMinute = asked.perMinute ?? broadcast.perMinute;
  const common = {
    id,
    pipeline: record.id,
    environment: record.environment,
    version: record.version,
    state: 'running' as const,
    createdAt: clock.now(),
    isTest,
    ...(segment !== undefined && { segment }),
    ...(perMinute !== undefined && { perMinute }),
    ...(input !== undefined && { input }),
    started: 0,
    skipped: 0,
    waiting: [],
  };
  if (people !== undefined)
    return { ...common, total: people.length, source: { kind: 'given', pages: pagesOf(id, people).length, next: 0 } };
  if ((await actions.find(tenant.tenant.id, AUDIENCE_CAPABILITY)) === undefined)
    throw new TendrilError('ACTION_UNKNOWN', { action: AUDIENCE_CAPABILITY });
  const source = { kind: 'audience', isOver: false } as const;
  // Who asks is told at once that there is no such segment.
  const { total } = await readAudience(actions, tenant, { ...common, source });
  return { ...common, source, ...(total !== undefined && { total }) };
}

/** Before the broadcast itself: what a crash leaves behind is never read. */
async function keepPeople(state: TenantState, id: string, people: readonly string[]): Promise<void> {
  const pages = pagesOf(id, people);
  for (let start = 0; start < pages.length; start += PAGES_PER_COMMIT) await state.commit(pages.slice(start, start + PAGES_PER_COMMIT));
}

async function findSent(state: TenantState, key: string, what: string): Promise<BroadcastInfo | undefined> {
  const [row] = await state.get(CALLS, [key]);
  if (row === undefined) return undefined;
  if (row.value['asked'] !== what) throw new TendrilError('IDEMPOTENCY_KEY_REUSED');
  const found = await readBroadcast(state, row.value['runId'] as string);
  return found && showOne(state, found.record);
}

async function showOne(state: TenantState, record: BroadcastRecord): Promise<BroadcastInfo> {
  const [info] = await toBroadcastInfos(state, [record]);
  if (info === undefined) throw new TendrilError('NOT_FOUND', { broadcast: record.id });
  return info;
}

function jobChange(id: string, dueAt: number): Change {
  return { op: 'job', job: { id: `broadcast:${id}`, kind: BROADCAST_JOB, priority: PRIORITY, dueAt, payload: { id } } };
}

/** @throws TendrilError NOT_FOUND */
async function editBroadcast(
  open: () => Promise<OpenTenant>,
  clock: Clock,
  id: string,
  change: (record: BroadcastRecord) => BroadcastRecord,
): Promise<void> {
  const { state } = await open();
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const row = await readBroadcast(state, id);
    if (row === undefined) throw new TendrilError('NOT_FOUND', { broadcast: id });
    const next = change(row.record);
    if (next === row.record) return;
    if ((await state.commit([putBroadcast(next, row.version), jobChange(id, clock.now())])).ok) return;
  }
  throw new TendrilError('CONFLICT', { broadcast: id });
}
