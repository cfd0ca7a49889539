import type { KeptError } from './records.ts';

/** Why a run cannot go on now. Several branches may wait for different things. */
export interface Waiting {
  /** When something may go on by itself, in epoch milliseconds; `Infinity` when nothing will. */
  readonly dueAt: number;
  readonly needsReview: boolean;
  readonly needsApproval: boolean;
  readonly blockedOn: readonly string[];
  /** Its pipeline holds its runs: somebody wakes it when it goes on. */
  readonly isHeld?: boolean;
}

/** How a step, a list of steps or a run ended, for now. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'stopped'; readonly reason?: string }
  | { readonly kind: 'failed'; readonly error: KeptError }
  | { readonly kind: 'waiting'; readonly waiting: Waiting }
  /** The time of the step at `owner`, or of the run (`''`), is over. */
  | { readonly kind: 'timeout'; readonly owner: string }
  /** Another branch failed or ended the run, or somebody cancels it. */
  | { readonly kind: 'cut' };

/** Waits for nothing that a person has to do. */
export const QUIET: Waiting = { dueAt: Infinity, needsReview: false, needsApproval: false, blockedOn: [] };

/** The usual outcome. */
export const DONE: Outcome = { kind: 'done' };

/** What branches came to together: the worst of them. */
export function joined(outcomes: readonly Outcome[]): Outcome {
  for (const kind of ['timeout', 'failed', 'stopped'] as const) {
    const found = outcomes.find((outcome) => outcome.kind === kind);
    if (found !== undefined) return found;
  }
  const waits = outcomes.flatMap((outcome) => (outcome.kind === 'waiting' ? [outcome.waiting] : []));
  if (waits.length === 0) return outcomes.find((outcome) => outcome.kind === 'cut') ?? DONE;
  return {
    kind: 'waiting',
    waiting: {
      dueAt: Math.min(...waits.map(({ dueAt }) => dueAt)),
      needsReview: waits.some(({ needsReview }) => needsReview),
      needsApproval: waits.some(({ needsApproval }) => needsApproval),
      blockedOn: [...new Set(waits.flatMap(({ blockedOn }) => blockedOn))],
      ...(waits.some(({ isHeld }) => isHeld === true) ? { isHeld: true } : {}),
    },
  };
}

/** Stopped before its next step until somebody wakes it. */
export const HELD: Outcome = { kind: 'waiting', waiting: { ...QUIET, isHeld: true } };

/** Waits for a time. */
export function sleepingUntil(dueAt: number): Outcome {
  return { kind: 'waiting', waiting: { ...QUIET, dueAt } };
}

/** Thrown to leave a run at once without another write: its lease is lost or the hub stops. */
export class Abandoned extends Error {
  override readonly name = 'Abandoned';
}

/** Thrown when somebody has asked to cancel the run while its end was written: it ends otherwise. */
export class CancelAsked extends Error {
  override readonly name = 'CancelAsked';
}

/** Thrown when the result of a step could not be committed, because somebody changed what it was based on: it is done again. */
export class Superseded extends Error {
  override readonly name = 'Superseded';
}
