import { TendrilError } from '@tendril/plugin-api';
import { APPROVALS } from '../../approvals-table.ts';
import { approvalEvents, causeOf, deleteApproval, putApproval, toOutput } from '../../approvals.ts';
import type { ApprovalRecord, Decision } from '../../approvals.ts';
import type { ApproveStep } from '../../compiled.ts';
import { toText } from '../../../expressions/index.ts';
import type { Evaluate } from '../../../expressions/index.ts';
import { keepError } from '../kept-error.ts';
import { DONE, QUIET } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';
import type { KeptError, StepRecord } from '../records.ts';
import type { Frame, StepSession } from '../step-session.ts';

const MAX_TEXT_CHARACTERS = 10_000;

/** Waits for a person's approval. The approval's row decides between decisions, and between decision and timeout. */
export async function runApprove(session: StepSession, step: ApproveStep, frame: Frame): Promise<Outcome> {
  const known = session.recordOf(step, frame);
  const isAsked = known?.state === 'needs_approval';
  const [row] = isAsked ? await session.tenant.state.get(APPROVALS, [known.key]) : [];
  if (!isAsked || row === undefined) return inApproval(await ask(session, step, frame, known), frame);
  const { decision } = row.value as unknown as ApprovalRecord;
  if (decision !== undefined) return takeUp(session, step, frame, known, decision, row.version);
  if (known.until === undefined || known.until > session.now()) return inApproval(known, frame);
  const error = keepError(new TendrilError('STEP_TIMEOUT', { scope: 'step', path: known.path }));
  return fail(session, known, error, row.version);
}

async function ask(session: StepSession, step: ApproveStep, frame: Frame, known: StepRecord | undefined): Promise<StepRecord> {
  const { journal, run } = session;
  // A person is only asked about results that are true.
  await journal.flush();
  const begun = known ?? session.newRecord(step, frame);
  const until = begun.until ?? (step.timeoutMs === undefined ? undefined : begun.startedAt + step.timeoutMs);
  const limit = until === undefined ? {} : { until };
  const { key: id, path } = begun;
  const approval: ApprovalRecord = {
    id,
    runId: run.id,
    path,
    pipeline: run.pipeline,
    ...(step.by === undefined ? {} : { by: step.by }),
    ...textOf('title', step.title, frame),
    ...textOf('message', step.message, frame),
    ...(run.personId === undefined ? {} : { personId: run.personId }),
    askedAt: session.now(),
    ...limit,
    isTest: run.isTest,
    state: 'open',
    cause: causeOf(run),
  };
  const record: StepRecord = { ...begun, state: 'needs_approval', ...limit };
  session.fault('approval.before-ask');
  journal.note(record, [putApproval(approval, 0), ...approvalEvents('tendril.approval.requested', approval, approval.askedAt)]);
  return record;
}

function textOf(name: 'title' | 'message', evaluate: Evaluate | undefined, { scope }: Frame): Readonly<Record<string, string>> {
  return evaluate === undefined ? {} : { [name]: toText(evaluate(scope)).slice(0, MAX_TEXT_CHARACTERS) };
}

function inApproval({ until = Infinity }: StepRecord, frame: Frame): Outcome {
  return { kind: 'waiting', waiting: { ...QUIET, dueAt: Math.min(until, frame.deadlineAt), needsApproval: true } };
}

async function takeUp(
  session: StepSession,
  step: ApproveStep,
  frame: Frame,
  record: StepRecord,
  decision: Decision,
  version: number,
): Promise<Outcome> {
  if (!decision.isApproved)
    return fail(session, record, keepError(new TendrilError('APPROVAL_REJECTED', { ...toOutput(decision) })), version);
  session.fault('approval.before-end');
  session.succeed(step, frame, toOutput(decision), [deleteApproval(record.key, version)]);
  await session.journal.flush();
  return DONE;
}

/** On disk before anything follows from it: a person may have been faster than the time. */
async function fail(session: StepSession, record: StepRecord, error: KeptError, version: number): Promise<Outcome> {
  const { until: _until, ...rest } = record;
  session.fault('approval.before-end');
  session.journal.note({ ...rest, state: 'failed', error, endedAt: session.now() }, [deleteApproval(record.key, version)]);
  await session.journal.flush();
  return { kind: 'failed', error };
}
