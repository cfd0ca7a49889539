import { TendrilError } from '@tendril/plugin-api';
import type { ErrorCode } from '@tendril/plugin-api';
import type { IngestOutcome } from '@tendril/engine';

/** One call of a batch that did not enter the log. */
export interface CallError {
  /** Its place in the batch, from 0. */
  readonly index: number;
  readonly code: ErrorCode;
  readonly reason: string;
  readonly messageId?: string;
  /** Kept, to be replayed once the schema is mended. */
  readonly isQuarantined: boolean;
}

/** The answer to a batch: one bad call never fails the others. */
export interface BatchAnswer {
  readonly success: true;
  readonly errors?: readonly CallError[];
}

/** Says of a batch what did not enter the log, and why. */
export function answerBatch(outcomes: readonly IngestOutcome[]): BatchAnswer {
  const errors: CallError[] = [];
  outcomes.forEach((outcome, index) => {
    const error = describeError(outcome, index);
    if (error !== undefined) errors.push(error);
  });
  return errors.length === 0 ? { success: true } : { success: true, errors };
}

function describeError(outcome: IngestOutcome, index: number): CallError | undefined {
  switch (outcome.status) {
    case 'accepted':
    case 'duplicate':
      return undefined;
    case 'quarantined':
      return { index, code: 'EVENT_INVALID', reason: outcome.reason, messageId: outcome.messageId, isQuarantined: true };
    case 'refused':
      return { index, code: outcome.code, reason: outcome.reason, isQuarantined: false };
  }
}

/** @throws TendrilError with what was wrong with the one call of a request */
export function requireTaken(outcome: IngestOutcome | undefined): void {
  const error = outcome === undefined ? undefined : describeError(outcome, 0);
  if (error === undefined) return;
  const { code, reason, isQuarantined, messageId } = error;
  throw new TendrilError(code, { reason, isQuarantined, ...(messageId === undefined ? {} : { messageId }) });
}
