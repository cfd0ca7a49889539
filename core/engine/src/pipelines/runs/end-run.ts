import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { CompiledPipeline } from '../compiled.ts';
import { EvaluationFault } from '../../expressions/index.ts';
import { undosOf } from './compensation.ts';
import { keepError } from './kept-error.ts';
import type { Outcome } from './outcome.ts';
import { journalKey } from './records.ts';
import type { KeptError, RunRecord, StepRecord } from './records.ts';
import type { RunSession } from './run-session.ts';

/** What a run came to, for now or for good. */
export interface RunEnd {
  readonly outcome: Outcome | { readonly kind: 'cancelled'; readonly reason?: string };
  readonly output?: JsonObject;
  readonly compensation?: RunRecord['compensation'];
  readonly onError?: RunRecord['onError'];
}

/** The largest output of a run, in bytes of JSON. */
const MAX_RUN_OUTPUT_BYTES = 256 * 1024;

/** Where it is journalled that a run is ending badly, from which there is no way back. */
export const END_PATH = 'end';

/** Executes a run as far as it goes: its steps, and what is done when they have failed or somebody cancels. @throws Abandoned, Superseded */
export async function executeRun(session: RunSession, compiled: CompiledPipeline): Promise<RunEnd> {
  const known = session.journal.get(END_PATH);
  if (known !== undefined) return endBadly(session, compiled, badEndOf(known), true);
  const outcome = await session.walk();
  if (outcome.kind === 'failed') return endBadly(session, compiled, { kind: 'failed', error: outcome.error }, false);
  if (session.cancelling !== undefined) return endBadly(session, compiled, cancelledBy(session.cancelling), false);
  if (outcome.kind !== 'done' || compiled.output === undefined) return { outcome };
  const output = outputOf(session, compiled.output);
  if ('error' in output) return endBadly(session, compiled, { kind: 'failed', error: output.error }, false);
  return { outcome, output: output.value };
}

type BadEnd = { readonly kind: 'failed'; readonly error: KeptError } | { readonly kind: 'cancelled'; readonly reason?: string };

function cancelledBy({ reason }: NonNullable<RunRecord['cancel']>): BadEnd {
  return { kind: 'cancelled', ...(reason === undefined ? {} : { reason }) };
}

function badEndOf({ error, output }: StepRecord): BadEnd {
  if (error !== undefined) return { kind: 'failed', error };
  const reason = (output as JsonObject | undefined)?.['reason'];
  return { kind: 'cancelled', ...(typeof reason === 'string' ? { reason } : {}) };
}

function outputOf(
  session: RunSession,
  evaluate: NonNullable<CompiledPipeline['output']>,
): { readonly value: JsonObject } | { readonly error: KeptError } {
  try {
    const value = evaluate(session.scopes.root);
    const sizeBytes = Buffer.byteLength(JSON.stringify(value));
    if (sizeBytes <= MAX_RUN_OUTPUT_BYTES) return { value };
    return { error: keepError(new TendrilError('RUN_OUTPUT_INVALID', { sizeBytes, limitBytes: MAX_RUN_OUTPUT_BYTES })) };
  } catch (error) {
    if (error instanceof EvaluationFault) return { error: keepError(error) };
    throw error;
  }
}

async function endBadly(session: RunSession, compiled: CompiledPipeline, end: BadEnd, isKnown: boolean): Promise<RunEnd> {
  const undos = undosOf(compiled, session.journal, session.scopes);
  const handler = end.kind === 'failed' ? compiled.onError : [];
  if (undos.length === 0 && handler.length === 0) return { outcome: end };
  if (!isKnown) {
    session.closeOpen('');
    // On disk together with the first result of what follows, before anything is done.
    session.journal.note(endRecord(session, end));
  }
  session.beginEnding();
  let compensation: RunRecord['compensation'] = undos.length === 0 ? undefined : 'done';
  for (const { steps, frame } of undos) {
    const outcome = await session.runSteps(steps, frame);
    if (outcome.kind === 'waiting') return { outcome };
    if (outcome.kind === 'failed' || outcome.kind === 'timeout') compensation = 'failed';
  }
  const noted = compensation === undefined ? {} : { compensation };
  if (end.kind !== 'failed' || handler.length === 0) return { outcome: end, ...noted };
  const scope = session.scopes.root.afterFailure(end.error);
  const outcome = await session.runSteps(handler, { deadlineAt: Infinity, owner: '', base: '', scope, isCut: () => false });
  if (outcome.kind === 'waiting') return { outcome };
  return { outcome: end, ...noted, onError: outcome.kind === 'failed' || outcome.kind === 'timeout' ? 'failed' : 'done' };
}

function endRecord(session: RunSession, end: BadEnd): StepRecord {
  const now = session.now();
  const base = { key: journalKey(session.run.id, END_PATH), path: END_PATH, kind: 'end', attempts: 1, startedAt: now, endedAt: now };
  return end.kind === 'failed'
    ? { ...base, state: 'failed', error: end.error }
    : { ...base, state: 'skipped', output: end.reason === undefined ? {} : { reason: end.reason } };
}
