import { TendrilError } from '@tendril/plugin-api';
import type { Json } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import type { Random, Timers } from '../../environment.ts';
import type { Lease } from '../../jobs/contract.ts';
import type { Change } from '../../ports.ts';
import type { OpenTenant } from '../../tenants/contract.ts';
import type { CompiledPipeline, CompiledStep, EndStep } from '../compiled.ts';
import type { Expression, Scope } from '../expressions/expression.ts';
import { EvaluationFault } from '../expressions/expression.ts';
import { toText } from '../expressions/values.ts';
import type { FaultPoint, RunFaultPoint } from './fault-points.ts';
import type { Journal } from './journal.ts';
import { keepError } from './kept-error.ts';
import { Abandoned, DONE, Superseded } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { journalKey } from './records.ts';
import type { KeptError, RunRecord, StepRecord } from './records.ts';
import type { RunScopes } from './run-scope.ts';
import type { Frame, StepSession } from './step-session.ts';
import { runAction } from './steps/action-step.ts';
import { runBranch } from './steps/branch.ts';
import { runParallel } from './steps/parallel.ts';
import { runWait } from './steps/wait.ts';

/** What a session is made of. */
export interface SessionParts {
  readonly tenantId: string;
  readonly tenant: OpenTenant;
  readonly run: RunRecord;
  readonly compiled: CompiledPipeline;
  readonly lease: Lease;
  readonly journal: Journal;
  readonly scopes: RunScopes;
  readonly actions: ActionPath;
  readonly timers: Timers;
  readonly random: Random;
  readonly now: () => number;
  readonly fault: FaultPoint;
}

/** One execution of a run: walks the definition, takes what the journal knows, and does the rest. */
export class RunSession implements StepSession {
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
  readonly #compiled: CompiledPipeline;
  readonly #fault: FaultPoint;
  readonly #positions = new Map<string, number>();
  // The first thing that ended the session from inside a call: what a plugin made of it does not count.
  #end: { readonly error: unknown } | undefined;

  constructor(parts: SessionParts) {
    this.tenantId = parts.tenantId;
    this.tenant = parts.tenant;
    this.run = parts.run;
    this.lease = parts.lease;
    this.journal = parts.journal;
    this.scopes = parts.scopes;
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
    const frame: Frame = { deadlineAt, owner: '', base: '', scope: this.scopes.root, isCut: () => false };
    const outcome = await this.runSteps(steps, frame);
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

  condition(expression: Expression, scope: Scope): boolean {
    const value = expression.evaluate(scope);
    if (typeof value === 'boolean') return value;
    const { source } = expression;
    throw new EvaluationFault(source, { message: 'It has to be true or false.', start: 0, end: source.length }, false);
  }

  pathOf(step: CompiledStep, frame: Frame): string {
    return `${frame.base}${step.path}`;
  }

  recordOf(step: CompiledStep, frame: Frame): StepRecord | undefined {
    return this.journal.get(this.pathOf(step, frame));
  }

  newRecord(step: CompiledStep, frame: Frame): StepRecord {
    const path = this.pathOf(step, frame);
    const action =
      step.kind === 'action' ? { action: step.action, ...(step.connection === undefined ? {} : { connection: step.connection }) } : {};
    const position = this.#positions.get(path);
    return {
      key: journalKey(this.run.id, path),
      path,
      ...(step.id === undefined ? {} : { id: step.id }),
      ...(frame.base === '' ? {} : { loop: frame.base }),
      kind: step.kind,
      ...action,
      ...(position === undefined ? {} : { position }),
      state: 'running',
      attempts: 0,
      startedAt: this.now(),
    };
  }

  succeed(step: CompiledStep, frame: Frame, output?: Json, changes?: readonly Change[]): void {
    const { until: _until, ...rest } = this.recordOf(step, frame) ?? this.newRecord(step, frame);
    this.journal.note({ ...rest, state: 'succeeded', ...(output === undefined ? {} : { output }), endedAt: this.now() }, changes);
  }

  async runSteps(steps: readonly CompiledStep[], frame: Frame): Promise<Outcome> {
    for (const step of steps) {
      if (frame.isCut()) return { kind: 'cut' };
      const outcome = await this.#runStep(step, frame);
      if (outcome.kind !== 'done') return outcome;
    }
    return DONE;
  }

  async #runStep(step: CompiledStep, frame: Frame): Promise<Outcome> {
    const record = this.recordOf(step, frame);
    if (record?.state === 'succeeded' && step.kind === 'stop') return { kind: 'stopped' };
    if (record?.state === 'succeeded' || record?.state === 'skipped') return DONE;
    if (record?.state === 'failed') return this.#handle(step, record.error ?? keepError(undefined), frame);
    if (record === undefined && step.marksPosition) this.#positions.set(this.pathOf(step, frame), await this.tenant.log.head());
    const inner = this.#frameOf(step, frame);
    const isOver = this.now() >= inner.deadlineAt && !(record?.until !== undefined && record.until <= inner.deadlineAt);
    const outcome = isOver ? ({ kind: 'timeout', owner: inner.owner } as const) : await this.#tryKind(step, inner);
    const path = this.pathOf(step, frame);
    if (outcome.kind === 'timeout' && outcome.owner === path) return this.#fail(step, timeoutError(path), frame);
    return outcome.kind === 'failed' ? this.#fail(step, outcome.error, frame) : outcome;
  }

  #frameOf(step: CompiledStep, frame: Frame): Frame {
    if (step.timeoutMs === undefined) return frame;
    const known = this.recordOf(step, frame);
    // Kept with the next write, so that the time counts from here after a crash too.
    if (known === undefined && step.kind !== 'action') this.journal.note(this.newRecord(step, frame));
    const deadlineAt = (known?.startedAt ?? this.now()) + step.timeoutMs;
    return deadlineAt < frame.deadlineAt ? { ...frame, deadlineAt, owner: this.pathOf(step, frame) } : frame;
  }

  async #fail(step: CompiledStep, error: KeptError, frame: Frame): Promise<Outcome> {
    const record = this.recordOf(step, frame);
    if (record?.state !== 'failed') {
      const { until: _until, intent: _intent, ...rest } = record ?? this.newRecord(step, frame);
      this.journal.note({ ...rest, state: 'failed', error, endedAt: this.now() });
    }
    return this.#handle(step, error, frame);
  }

  async #handle(step: CompiledStep, error: KeptError, frame: Frame): Promise<Outcome> {
    const isOwnTimeout = error.code === 'STEP_TIMEOUT' && error.details?.['path'] === this.pathOf(step, frame);
    const onTimeout = isOwnTimeout ? step.onTimeout : undefined;
    const handler = onTimeout ?? step.onError?.get(error.code) ?? step.onError?.get('*');
    return handler === undefined ? { kind: 'failed', error } : this.runSteps(handler, frame);
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
      case 'switch':
        return runBranch(this, step, frame);
      case 'parallel':
        return runParallel(this, step, frame);
      case 'wait':
        return runWait(this, step, frame);
      case 'set':
        this.succeed(step, frame, step.values(frame.scope));
        return DONE;
      case 'stop':
        return this.#stop(step, frame);
      case 'fail':
        return { kind: 'failed', error: keepError(new TendrilError('RUN_FAILED', reasonOf(step.reason?.(frame.scope)))) };
      default:
        throw new TypeError(`not yet: ${step.kind}`);
    }
  }

  #stop(step: EndStep, frame: Frame): Outcome {
    const reason = reasonOf(step.reason?.(frame.scope));
    this.succeed(step, frame, reason);
    return { kind: 'stopped', ...reason };
  }
}

function reasonOf(reason: Json | undefined): { readonly reason?: string } {
  return reason === undefined ? {} : { reason: toText(reason) };
}

function timeoutError(owner: string): KeptError {
  return keepError(new TendrilError('STEP_TIMEOUT', owner === '' ? { scope: 'run' } : { scope: 'step', path: owner }));
}
