import type { Json } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import type { Random, Timers } from '../../environment.ts';
import type { Lease } from '../../jobs/contract.ts';
import type { Change } from '../../ports.ts';
import type { OpenTenant } from '../../tenants/contract.ts';
import type { CompiledStep } from '../compiled.ts';
import type { Expression, Scope } from '../../expressions/index.ts';
import type { ChildRuns } from './child-runs.ts';
import type { RunFaultPoint } from './fault-points.ts';
import type { Journal } from './journal.ts';
import type { Outcome } from './outcome.ts';
import type { RunRecord, StepRecord } from './records.ts';
import type { RunScope, RunScopes } from './run-scope.ts';

/** What bounds the steps of a list, and what they read. */
export interface Frame {
  /** Epoch milliseconds; `Infinity` without a timeout. */
  readonly deadlineAt: number;
  /** Path of the step whose timeout that is; `''` for the run's. */
  readonly owner: string;
  /** What stands in front of the paths of the steps: `''` outside of loops, `3.17.` for the element 17 of the loop at 3. */
  readonly base: string;
  readonly scope: RunScope;
  /** True once another branch has failed or ended the run. */
  isCut(): boolean;
}

/** What a step has of the execution that it is part of. */
export interface StepSession {
  readonly tenantId: string;
  readonly tenant: OpenTenant;
  readonly run: RunRecord;
  readonly lease: Lease;
  readonly journal: Journal;
  readonly scopes: RunScopes;
  readonly actions: ActionPath;
  readonly timers: Timers;
  readonly random: Random;
  readonly now: () => number;
  /** For calls and pauses: aborted when the lease is lost, the hub stops, or somebody cancels the run at once. */
  readonly signal: AbortSignal;
  /** True once somebody cancels the run at once: what its calls come to now does not count. */
  readonly isCutOff: boolean;
  /** Starting runs of other pipelines. */
  readonly children: ChildRuns;
  /** A line at which a test may kill the process. */
  fault(name: RunFaultPoint): void;
  /** @throws Abandoned when nothing may be begun any more */
  assertHeld(): void;
  /** As the journal's flush, for use inside a call of an action. */
  write(): Promise<void>;
  /** Passes on what ends the session rather than the step. */
  rethrowEnd(error: unknown): void;
  /** @throws EvaluationFault */
  condition(expression: Expression, scope: Scope): boolean;
  /** Where the step stands in this run. */
  pathOf(step: CompiledStep, frame: Frame): string;
  /** What the journal knows of the step. */
  recordOf(step: CompiledStep, frame: Frame): StepRecord | undefined;
  /** A record of a step that begins now. */
  newRecord(step: CompiledStep, frame: Frame): StepRecord;
  /** Notes that the step has ended well. `changes` are committed with it: its result is only true when they hold. */
  succeed(step: CompiledStep, frame: Frame, output?: Json, changes?: readonly Change[]): void;
  /** The record of a step that ends well, with its place in the order in which steps are undone. */
  ended(step: CompiledStep, record: StepRecord): StepRecord;
  /** Notes that steps below a path that have not ended never will: a block around them has ended. */
  closeOpen(prefix: string): void;
  /** Whether nothing has handled the failure of the step at this path. */
  isUnhandled(path: string): boolean;
  /** Runs steps one after another, as far as they go. */
  runSteps(steps: readonly CompiledStep[], frame: Frame): Promise<Outcome>;
}
