import type { CommitResult } from '@tendril/engine/ports';

/** Why a condition did not hold. */
export type Refusal = Extract<CommitResult, { readonly ok: false }>['reason'];

/** What one change came to: refused, or the time at which it made a job due. */
export interface Outcome {
  readonly refusal?: Refusal;
  readonly dueAt?: number;
}
