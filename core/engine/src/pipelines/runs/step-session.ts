import type { ActionPath } from '../../actions/contract.ts';
import type { Random, Timers } from '../../environment.ts';
import type { Lease } from '../../jobs/contract.ts';
import type { CompiledStep } from '../compile.ts';
import type { Expression } from '../expressions/expression.ts';
import type { RunFaultPoint } from './fault-points.ts';
import type { Journal } from './journal.ts';
import type { RunRecord, StepRecord } from './records.ts';
import type { RunScope } from './run-scope.ts';

/** What bounds the steps of a list. */
export interface Frame {
  /** Epoch milliseconds; `Infinity` without a timeout. */
  readonly deadlineAt: number;
  /** Path of the step whose timeout that is; `''` for the run's. */
  readonly owner: string;
  /** True once another branch has failed or ended the run. */
  isCut(): boolean;
}

/** What a step has of the execution that it is part of. */
export interface StepSession {
  readonly tenantId: string;
  readonly run: RunRecord;
  readonly lease: Lease;
  readonly journal: Journal;
  readonly scope: RunScope;
  readonly actions: ActionPath;
  readonly timers: Timers;
  readonly random: Random;
  readonly now: () => number;
  /** A line at which a test may kill the process. */
  fault(name: RunFaultPoint): void;
  /** @throws Abandoned when nothing may be begun any more */
  assertHeld(): void;
  /** As the journal's flush, for use inside a call of an action. */
  write(): Promise<void>;
  /** Passes on what ends the session rather than the step. */
  rethrowEnd(error: unknown): void;
  /** @throws EvaluationFault */
  condition(expression: Expression): boolean;
  /** A record of a step that begins now. */
  newRecord(step: CompiledStep): StepRecord;
}
