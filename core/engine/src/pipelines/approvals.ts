import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject, Page } from '@tendril/plugin-api';
import type { Approval, RunService } from './contract.ts';
import type { Change, NewEvent, TenantState } from '../ports.ts';
import { hubEvent } from '../events/index.ts';
import { APPROVALS } from './approvals-table.ts';
import { jobIdOf, withoutUndefined } from './runs/records.ts';
import type { RunRecord, StepRecord } from './runs/records.ts';
import { JOURNAL } from './tables.ts';

/** What a person decided; times in epoch milliseconds. */
export interface Decision {
  readonly isApproved: boolean;
  readonly by: string;
  readonly comment?: string;
  readonly decidedAt: number;
}

/** An approval as it is stored, until its run goes on. */
export interface ApprovalRecord extends Approval {
  readonly state: 'open' | 'decided';
  readonly decision?: Decision;
  /** What caused the run, for the events that are reported. */
  readonly cause: { readonly eventId?: string; readonly hops?: number; readonly userId?: string; readonly anonymousId?: string };
}

const MOST_AT_ONCE = 1_000;
const USUAL_LIMIT = 50;

/** Asks, or keeps what was decided. */
export function putApproval(record: ApprovalRecord, expect: number): Change {
  return { op: 'put', table: APPROVALS, value: withoutUndefined({ ...record }), expect };
}

/** Takes an approval away; without `expect` whatever was decided. */
export function deleteApproval(id: string, expect?: number): Change {
  return { op: 'delete', table: APPROVALS, key: id, ...(expect === undefined ? {} : { expect }) };
}

/** What caused a run, as its approvals keep it. */
export function causeOf({ eventId, hops, event }: RunRecord): ApprovalRecord['cause'] {
  return withoutUndefined({ eventId, hops, userId: event?.userId, anonymousId: event?.anonymousId });
}

/** What takes away what an open step asks for, when it is cut short. */
export function removeApproval({ kind, key }: StepRecord): readonly Change[] {
  return kind === 'approve' ? [deleteApproval(key)] : [];
}

/** Reports that somebody is asked, or has decided; nothing at the end of too long a chain of causes. */
export function approvalEvents(
  name: 'tendril.approval.requested' | 'tendril.approval.decided',
  record: ApprovalRecord,
  at: number,
): readonly Change[] {
  const event = approvalEvent(name, record, at);
  return event === undefined ? [] : [{ op: 'emit', event }];
}

function approvalEvent(name: string, record: ApprovalRecord, at: number): NewEvent | undefined {
  const { id, runId, path, pipeline, by, until, personId, isTest, decision } = record;
  const { eventId, hops, userId, anonymousId } = record.cause;
  try {
    return hubEvent({
      name,
      cause: id,
      occurredAt: at,
      isTest,
      properties: withoutUndefined({
        approvalId: id,
        runId,
        path,
        pipeline,
        by,
        until: until === undefined ? undefined : new Date(until).toISOString(),
        personId,
        isApproved: decision?.isApproved,
        decidedBy: decision?.by,
      }),
      causedBy: withoutUndefined({ runId, eventId }),
      ...(userId === undefined && anonymousId === undefined ? {} : { identities: withoutUndefined({ userId, anonymousId }) }),
      ...(hops === undefined ? {} : { causeHops: hops }),
    });
  } catch (error) {
    if (TendrilError.is(error) && error.code === 'EVENT_HOPS_EXCEEDED') return undefined;
    throw error;
  }
}

/** Steps that wait for a person, oldest first. */
export async function listApprovals(
  state: TenantState,
  { limit = USUAL_LIMIT, cursor }: NonNullable<Parameters<RunService['approvals']>[0]> = {},
): Promise<Page<Approval>> {
  const page = await state.query(APPROVALS, {
    index: 'by_asked',
    equals: { state: 'open' },
    limit: Math.max(1, Math.min(limit, MOST_AT_ONCE)),
    ...(cursor === undefined ? {} : { cursor }),
  });
  const items = page.items.map(({ value }) => toApproval(value as unknown as ApprovalRecord));
  return page.nextCursor === undefined ? { items } : { items, nextCursor: page.nextCursor };
}

function toApproval({ state: _state, decision: _decision, cause: _cause, ...approval }: ApprovalRecord): Approval {
  return approval;
}

/**
 * Keeps a person's decision and has the run go on. The first decision counts; the same one again changes nothing.
 *
 * @throws TendrilError NOT_FOUND when nobody is asked (any more), CONFLICT when it has been decided otherwise
 */
export async function decideApproval(
  state: TenantState,
  clock: Clock,
  id: string,
  { isApproved, by, comment }: Parameters<RunService['decide']>[1],
): Promise<void> {
  for (;;) {
    const [row] = await state.get(APPROVALS, [id]);
    if (row === undefined) return assertDecidedSo(state, id, isApproved);
    const record = row.value as unknown as ApprovalRecord;
    if (record.decision !== undefined) {
      assertSame(id, record.decision.isApproved, isApproved);
      return;
    }
    const decidedAt = clock.now();
    if (record.until !== undefined && record.until <= decidedAt) throw new TendrilError('NOT_FOUND', { approvalId: id });
    const decision: Decision = { isApproved, by, decidedAt, ...(comment === undefined ? {} : { comment }) };
    const decided: ApprovalRecord = { ...record, state: 'decided', decision };
    const result = await state.commit([
      putApproval(decided, row.version),
      { op: 'wake', jobId: jobIdOf(record.runId), dueAt: decidedAt },
      ...approvalEvents('tendril.approval.decided', decided, decidedAt),
    ]);
    if (result.ok) return;
  }
}

/** The run has gone on: its journal says what was decided. */
async function assertDecidedSo(state: TenantState, id: string, isApproved: boolean): Promise<void> {
  const [row] = await state.get(JOURNAL, [id]);
  const step = row?.value as unknown as StepRecord | undefined;
  const isDecided = step?.kind === 'approve' && (step.state === 'succeeded' || step.error?.code === 'APPROVAL_REJECTED');
  if (!isDecided) throw new TendrilError('NOT_FOUND', { approvalId: id });
  assertSame(id, step.state === 'succeeded', isApproved);
}

function assertSame(id: string, wasApproved: boolean, isApproved: boolean): void {
  if (wasApproved !== isApproved) throw new TendrilError('CONFLICT', { approvalId: id });
}

/** What later steps read of an approval; the moment in ISO 8601. */
export function toOutput({ by, comment, decidedAt }: Decision): JsonObject {
  return withoutUndefined({ by, comment, decidedAt: new Date(decidedAt).toISOString() });
}
