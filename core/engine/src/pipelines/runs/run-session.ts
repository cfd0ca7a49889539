import { TendrilError } from '@tendril/plugin-api';
import type { Json } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import type { Random, Timers } from '../../environment.ts';
import type { Lease } from '../../jobs/contract.ts';
import type { CompiledPipeline, CompiledStep, IfStep, ParallelStep, SwitchStep, WaitStep } from '../compile.ts';
import { parseDuration } from '../duration.ts';
import type { Expression } from '../expressions/expression.ts';
import { EvaluationFault } from '../expressions/expression.ts';
import { toText } from '../expressions/values.ts';
import { asCondition, runAction } from './action-step.ts';
import type { FaultPoint, RunFaultPoint } from './fault-points.ts';
import type { Journal } from './journal.ts';
import { keepError } from './kept-error.ts';
import { Abandoned, DONE, joined, sleepingUntil, Superseded } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { journalKey } from './records.ts';
import type { KeptError, RunRecord, StepRecord } from './records.ts';
import type { RunScope } from './run-scope.ts';
import type { Frame, StepSession } from './step-session.ts';

/** What a session is made of. */
export interface SessionParts {
  readonly tenantId: string;
  readonly run: RunRecord;
  readonly compiled: CompiledPipeline;
  readonly lease: Lease;
  readonly journal: Journal;
  readonly scope: RunScope;
  readonly actions: ActionPath;
  readonly timers: Timers;
  readonly random: Random;
  readonly now: () => number;
  readonly fault: FaultPoint;
}

/** One execution of a run: walks the definition, takes what the journal knows, and does the rest. */
export class RunSession implements StepSession {
  readonly tenantId: string;
  readonly run: RunRecord;
  readonly lease: Lease;
  readonly journal: Journal;
  readonly scope: RunScope;
  readonly actions: ActionPath;
  readonly timers: Timers;
  readonly random: Random;
  readonly now: () => number;
  readonly #compiled: CompiledPipeline;
  readonly #fault: FaultPoint;
  // The first thing that ended the session from inside a call: what a plugin made of it does not count.
  #end: { readonly error: unknown } | undefined;

  constructor(parts: SessionParts) {
    this.tenantId = parts.tenantId;
    this.run = parts.run;
    this.lease = parts.lease;
    this.journal = parts.journal;
    this.scope = parts.scope;
    this.actions = parts.actions;
    this.timers = parts.timers;
    this.random = parts.random;
    this.now = parts.now;
    this.#compiled = parts.compiled;
    this.#fault = parts.fault;
  }

  /** Goes as far as it can. @throws Abandoned, Superseded */
  async walk(): Promise<Outcome> {
    const { steps, timeoutMs } = this.#compiled;
    const deadlineAt = timeoutMs === undefined ? Infinity : this.run.startedAt + timeoutMs;
    const outcome = await this.#runSteps(steps, { deadlineAt, owner: '', isCut: () => false });
    return outcome.kind === 'timeout' ? { kind: 'failed', error: timeoutError('') } : outcome;
  }

  fault(name: RunFaultPoint): void {
    try {
      this.#fault(name);
    } catch (error) {
      this.#end ??= { error };
      throw error;
    }
  }

  assertHeld(): void {
    if (!this.lease.signal.aborted) return;
    this.#end ??= { error: new Abandoned('the lease is lost or the hub stops') };
    throw this.#end.error;
  }

  async write(): Promise<void> {
    try {
      await this.journal.flush();
    } catch (error) {
      this.#end ??= { error };
      throw error;
    }
  }

  rethrowEnd(error: unknown): void {
    if (this.#end !== undefined) throw this.#end.error;
    if (error instanceof Abandoned || error instanceof Superseded) throw error;
    this.assertHeld();
  }

  condition(expression: Expression): boolean {
    return asCondition(expression.source, expression.evaluate(this.scope));
  }

  newRecord(step: CompiledStep): StepRecord {
    const action =
      step.kind === 'action' ? { action: step.action, ...(step.connection === undefined ? {} : { connection: step.connection }) } : {};
    const id = step.id === undefined ? {} : { id: step.id };
    return {
      key: journalKey(this.run.id, step.path),
      path: step.path,
      ...id,
      kind: step.kind,
      ...action,
      state: 'running',
      attempts: 0,
      startedAt: this.now(),
    };
  }

  async #runSteps(steps: readonly CompiledStep[], frame: Frame): Promise<Outcome> {
    for (const step of steps) {
      if (frame.isCut()) return { kind: 'cut' };
      const outcome = await this.#runStep(step, frame);
      if (outcome.kind !== 'done') return outcome;
    }
    return DONE;
  }

  async #runStep(step: CompiledStep, frame: Frame): Promise<Outcome> {
    const record = this.journal.get(step.path);
    if (record?.state === 'succeeded' && step.kind === 'stop') return { kind: 'stopped' };
    if (record?.state === 'succeeded' || record?.state === 'skipped') return DONE;
    if (record?.state === 'failed') return this.#handle(step, record.error ?? keepError(undefined), frame);
    const inner = this.#frameOf(step, frame);
    const isOver = this.now() >= inner.deadlineAt && !(record?.until !== undefined && record.until <= inner.deadlineAt);
    const outcome = isOver ? ({ kind: 'timeout', owner: inner.owner } as const) : await this.#tryKind(step, inner);
    if (outcome.kind === 'timeout' && outcome.owner === step.path) return this.#fail(step, timeoutError(step.path), frame);
    return outcome.kind === 'failed' ? this.#fail(step, outcome.error, frame) : outcome;
  }

  #frameOf(step: CompiledStep, frame: Frame): Frame {
    if (step.timeoutMs === undefined) return frame;
    const known = this.journal.get(step.path);
    // Kept with the next write, so that the time counts from here after a crash too.
    if (known === undefined && step.kind !== 'action') this.journal.note(this.newRecord(step));
    const deadlineAt = (known?.startedAt ?? this.now()) + step.timeoutMs;
    return deadlineAt < frame.deadlineAt ? { deadlineAt, owner: step.path, isCut: () => frame.isCut() } : frame;
  }

  async #fail(step: CompiledStep, error: KeptError, frame: Frame): Promise<Outcome> {
    const record = this.journal.get(step.path);
    if (record?.state !== 'failed') {
      const { until: _until, intent: _intent, ...rest } = record ?? this.newRecord(step);
      this.journal.note({ ...rest, state: 'failed', error, endedAt: this.now() });
    }
    return this.#handle(step, error, frame);
  }

  async #handle(step: CompiledStep, error: KeptError, frame: Frame): Promise<Outcome> {
    const handler = step.onError?.get(error.code) ?? step.onError?.get('*');
    return handler === undefined ? { kind: 'failed', error } : this.#runSteps(handler, frame);
  }

  async #tryKind(step: CompiledStep, frame: Frame): Promise<Outcome> {
    try {
      return await this.#runKind(step, frame);
    } catch (error) {
      if (error instanceof EvaluationFault) return { kind: 'failed', error: keepError(error) };
      throw error;
    }
  }

  #runKind(step: CompiledStep, frame: Frame): Promise<Outcome> | Outcome {
    switch (step.kind) {
      case 'action':
        return runAction(this, step, frame);
      case 'if':
        return this.#runBranch(step, frame, () => (this.condition(step.condition) ? 'then' : 'else'));
      case 'switch':
        return this.#runBranch(step, frame, () => toText(step.value(this.scope)));
      case 'parallel':
        return this.#runParallel(step, frame);
      case 'wait':
        return this.#runWait(step, frame);
      case 'set':
        this.#succeed(step, step.values(this.scope));
        return DONE;
      case 'stop':
        return this.#stop(step, step.reason?.(this.scope));
      case 'fail':
        return { kind: 'failed', error: keepError(new TendrilError('RUN_FAILED', reasonOf(step.reason?.(this.scope)))) };
    }
  }

  #succeed(step: CompiledStep, output?: Json): void {
    const { until: _until, ...rest } = this.journal.get(step.path) ?? this.newRecord(step);
    this.journal.note({ ...rest, state: 'succeeded', ...(output === undefined ? {} : { output }), endedAt: this.now() });
  }

  #stop(step: CompiledStep, reason: Json | undefined): Outcome {
    this.#succeed(step, reasonOf(reason));
    return { kind: 'stopped', ...reasonOf(reason) };
  }

  /** The way once taken is kept, whatever the condition would say later. */
  async #runBranch(step: IfStep | SwitchStep, frame: Frame, decide: () => string): Promise<Outcome> {
    const known = this.journal.get(step.path);
    const kept = (known?.output as { readonly branch?: string } | undefined)?.branch;
    const branch = kept ?? decide();
    if (kept === undefined) this.journal.note({ ...(known ?? this.newRecord(step)), output: { branch } });
    const outcome = await this.#runSteps(stepsOf(step, branch), frame);
    if (outcome.kind === 'done') this.#succeed(step);
    return outcome;
  }

  async #runParallel(step: ParallelStep, frame: Frame): Promise<Outcome> {
    let hasEnded = false;
    const inner: Frame = { deadlineAt: frame.deadlineAt, owner: frame.owner, isCut: () => hasEnded || frame.isCut() };
    const branches = [...step.branches.values()].map(async (steps) => {
      try {
        const outcome = await this.#runSteps(steps, inner);
        if (outcome.kind === 'failed' || outcome.kind === 'stopped') hasEnded = true;
        // A branch that is done must not wait for the others to be on disk.
        await this.journal.flush();
        return outcome;
      } catch (error) {
        hasEnded = true;
        throw error;
      }
    });
    const settled = await Promise.allSettled(branches);
    const thrown = settled.find((result) => result.status === 'rejected');
    if (thrown !== undefined) throw thrown.reason;
    const outcome = joined(settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])));
    if (outcome.kind === 'done') this.#succeed(step);
    return outcome;
  }

  #runWait(step: WaitStep, frame: Frame): Outcome {
    const known = this.journal.get(step.path);
    const until = known?.until ?? this.#wakeTime(step);
    if (until <= this.now()) {
      this.#succeed(step);
      return DONE;
    }
    if (known?.until === undefined) this.journal.note({ ...(known ?? this.newRecord(step)), state: 'sleeping', until });
    return sleepingUntil(Math.min(until, frame.deadlineAt));
  }

  #wakeTime(step: WaitStep): number {
    const text = toText(step.value(this.scope));
    const at = step.isUntil ? Date.parse(text) : this.now() + (parseDuration(text) ?? Number.NaN);
    if (!Number.isNaN(at)) return at;
    throw new EvaluationFault(
      text.slice(0, 100),
      { message: step.isUntil ? 'This is not a moment.' : 'This is not a duration.', start: 0, end: text.length },
      false,
    );
  }
}

function stepsOf(step: IfStep | SwitchStep, branch: string): readonly CompiledStep[] {
  if (step.kind === 'if') return branch === 'then' ? step.then : step.else;
  return step.cases.get(branch) ?? step.default;
}

function reasonOf(reason: Json | undefined): { readonly reason?: string } {
  return reason === undefined ? {} : { reason: toText(reason) };
}

function timeoutError(owner: string): KeptError {
  return keepError(new TendrilError('STEP_TIMEOUT', owner === '' ? { scope: 'run' } : { scope: 'step', path: owner }));
}
