import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject, Row } from '@tendril/plugin-api';
import type { Change } from '../../../ports.ts';
import type { ActionStep } from '../../compiled.ts';
import { EvaluationFault, toText } from '../../../expressions/index.ts';
import type { Scope } from '../../../expressions/index.ts';
import { EFFECTS, JOURNAL, RUNS } from '../../tables.ts';
import { hiddenKey } from '../../starts/gate-keys.ts';
import { withLargeValues } from '../blobs.ts';
import { keepError } from '../kept-error.ts';
import { journalKey } from '../records.ts';
import type { KeptError, RunRecord, StepRecord } from '../records.ts';
import type { StepSession } from '../step-session.ts';

/** What is kept of a call with a key of its own. */
interface EffectRecord {
  readonly key: string;
  /** Whose step makes the call. */
  readonly runId: string;
  readonly path: string;
  readonly state: 'begun' | 'done' | 'failed';
  readonly output?: Json;
  readonly error?: KeptError;
  readonly endedAt?: number;
}

/** What a step has to do about its key. */
type EffectTurn =
  /** It makes the call. */
  | { readonly kind: 'mine' }
  /** Another run's step has made it. */
  | { readonly kind: 'made'; readonly output: Json }
  | { readonly kind: 'failed'; readonly error: KeptError }
  /** Another run's step is making it. */
  | { readonly kind: 'busy' };

/** The key under which equal values are one effect over all runs of a pipeline. @throws EvaluationFault when there is none */
export function effectKeyOf(session: StepSession, step: ActionStep, scope: Scope): string | undefined {
  if (step.idempotencyKey === undefined) return undefined;
  const value = step.idempotencyKey(scope);
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : toText(value);
  if (text === '') throw new EvaluationFault('idempotencyKey', { message: 'The key is empty.', start: 0, end: 0 }, false);
  const { run, tenantId, tenant } = session;
  const place = [tenantId, run.pipeline, run.environment ?? 'production', run.isTest ? 'test' : 'live', step.action];
  // Services are told the key, and it may be made of somebody's address: without the tenant's own nobody can try some out.
  return `key-${hiddenKey(tenant.keys, ['effect', ...place, text].join('\0'))}`;
}

/** Whose turn it is. The first run that asks is noted together with its step's record, before anything is done. */
export async function takeTurn(session: StepSession, record: StepRecord, key: string): Promise<EffectTurn> {
  const { state } = session.tenant;
  const [row] = await state.get(EFFECTS, [key]);
  if (row === undefined) return begin(session, record, key, 0);
  const known = row.value as unknown as EffectRecord;
  if (known.state === 'done') return { kind: 'made', output: known.output ?? null };
  if (known.state === 'failed') return { kind: 'failed', error: known.error ?? keepError(undefined) };
  if (known.runId === session.run.id && known.path === record.path) return { kind: 'mine' };
  return behind(session, record, row, known);
}

async function begin(session: StepSession, record: StepRecord, key: string, expect: number): Promise<EffectTurn> {
  const value: EffectRecord = { key, runId: session.run.id, path: record.path, state: 'begun' };
  // Refused when another run was quicker: then the session looks again.
  session.journal.note(record, [{ op: 'put', table: EFFECTS, value: value as unknown as JsonObject, expect }]);
  await session.write();
  return { kind: 'mine' };
}

/** Another run's step has begun: what became of it. */
async function behind(session: StepSession, record: StepRecord, row: Row, { key, runId, path }: EffectRecord): Promise<EffectTurn> {
  const { state } = session.tenant;
  const [[runRow], [stepRow]] = await Promise.all([state.get(RUNS, [runId]), state.get(JOURNAL, [journalKey(runId, path)])]);
  const run = runRow?.value as unknown as RunRecord | undefined;
  const [step] = stepRow === undefined ? [] : await withLargeValues(state, [stepRow.value as unknown as StepRecord]);
  if (step?.state === 'succeeded') return { kind: 'made', output: step.output ?? null };
  const isOver = run === undefined || run.endedAt !== undefined;
  const isUnknown = step?.state === 'needs_review' || step?.intent !== undefined;
  if (isOver && isUnknown) return { kind: 'failed', error: keepError(new TendrilError('ACTION_NEEDS_REVIEW', { runId, path })) };
  if (isOver || step?.state === 'failed' || step?.state === 'skipped') return begin(session, record, key, row.version);
  return { kind: 'busy' };
}

/** The changes that go with the result of a call that was made. */
export function madeChanges(
  session: Pick<StepSession, 'run' | 'now'>,
  record: StepRecord,
  result: { readonly output: Json } | { readonly error: KeptError },
): readonly Change[] {
  if (record.effectKey === undefined) return [];
  const base = { key: record.effectKey, runId: session.run.id, path: record.path, endedAt: session.now() };
  const value: EffectRecord = 'error' in result ? { ...base, state: 'failed', ...result } : { ...base, state: 'done', ...result };
  return [{ op: 'put', table: EFFECTS, value: value as unknown as JsonObject }];
}

/** The changes that go with a failure that had no effect: another run may try. */
export function freeChanges(record: StepRecord): readonly Change[] {
  return record.effectKey === undefined ? [] : [{ op: 'delete', table: EFFECTS, key: record.effectKey }];
}
