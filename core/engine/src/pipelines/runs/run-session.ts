import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import type { Random, Timers } from '../../environment.ts';
import type { Lease } from '../../jobs/contract.ts';
import type { Change } from '../../ports.ts';
import type { OpenTenant } from '../../tenants/contract.ts';
import type { CompiledPipeline, CompiledStep } from '../compiled.ts';
import { EvaluationFault } from '../../expressions/index.ts';
import type { Expression, Scope } from '../../expressions/index.ts';
import { retryBlock } from './block-retry.ts';
import type { ChildRuns } from './child-runs.ts';
import { closeOpen } from './close-open.ts';
import type { CancelChanges } from './close-open.ts';
import type { FaultPoint, RunFaultPoint } from './fault-points.ts';
import type { Journal } from './journal.ts';
import { keepError } from './kept-error.ts';
import { Abandoned, DONE, HELD, sleepingUntil, Superseded } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { journalKey } from './records.ts';
import type { KeptError, RunRecord, StepRecord } from './records.ts';
import type { RunScopes } from './run-scope.ts';
import type { Frame, StepSession } from './step-session.ts';
import { reasonOf, runKind } from './steps/run-kind.ts';

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
  readonly children: ChildRuns;
  readonly cancelChanges: CancelChanges;
  /** Whether the pipeline holds its runs before their next step; a promise when that is not known yet. */
  readonly isHeld: () => boolean | Promise<boolean>;
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
  readonly children: ChildRuns;
  readonly #compiled: CompiledPipeline;
  readonly #fault: FaultPoint;
  readonly #cancelChanges: CancelChanges;
  readonly #isHeld: () => boolean | Promise<boolean>;
  readonly #positions = new Map<string, number>();
  readonly #unhandled = new Set<string>();
  #cancelling: RunRecord['cancel'];
  #abort: AbortController | undefined;
  #isEnding = false;
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
    this.children = parts.children;
    this.#cancelChanges = parts.cancelChanges;
    this.#isHeld = parts.isHeld;
    this.#cancelling = parts.run.cancel;
  }

  /** What somebody asked for; the steps do not go on then. */
  get cancelling(): RunRecord['cancel'] {
    return this.#cancelling;
  }

  get signal(): AbortSignal {
    const { signal } = this.lease;
    if (this.#isEnding || signal.aborted) return signal;
    if (this.#abort === undefined) {
      const abort = new AbortController();
      this.#abort = abort;
      signal.addEventListener(
        'abort',
        () => {
          abort.abort(signal.reason);
        },
        { once: true },
      );
      if (this.isCutOff) abort.abort(cancelled());
    }
    return this.#abort.signal;
  }

  get isCutOff(): boolean {
    return !this.#isEnding && this.#cancelling?.mode === 'now';
  }

  /** Lets go: at once, or when the step that is under way has ended. */
  cancel(asked: NonNullable<RunRecord['cancel']>): void {
    if (this.#cancelling?.mode === 'now') return;
    this.#cancelling = asked;
    if (asked.mode === 'now') this.#abort?.abort(cancelled());
  }

  /** True when steps are done because the run ends. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** From here on steps are done because the run ends: nothing holds or cancels them, and they are not undone. */
  beginEnding(): void {
    this.#isEnding = true;
  }

  /** Goes as far as it can. @throws Abandoned, Superseded */
  async walk(): Promise<Outcome> {
    const { steps, timeoutMs } = this.#compiled;
    const deadlineAt = timeoutMs === undefined ? Infinity : this.run.startedAt + timeoutMs;
    const frame: Frame = { deadlineAt, owner: '', base: '', scope: this.scopes.root, isCut: () => this.#cancelling !== undefined };
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
    const { until: _until, error: _error, ...rest } = this.recordOf(step, frame) ?? this.newRecord(step, frame);
    const record: StepRecord = { ...rest, state: 'succeeded', ...(output === undefined ? {} : { output }), endedAt: this.now() };
    this.journal.note(this.ended(step, record), changes);
  }

  ended(step: CompiledStep, record: StepRecord): StepRecord {
    if (step.compensate === undefined || record.sequence !== undefined || record.isTakenOver === true || this.#isEnding) return record;
    return { ...record, sequence: this.journal.nextSequence() };
  }

  closeOpen(prefix: string, blockState: 'succeeded' | 'skipped' = 'skipped'): void {
    closeOpen(this.journal, { prefix, blockState, endedAt: this.now(), cancelChanges: this.#cancelChanges });
  }

  isUnhandled(path: string): boolean {
    return this.#unhandled.has(path);
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
    if (record !== undefined && isOver(record)) return this.#known(step, record, frame);
    if (record === undefined && !this.#isEnding) {
      const isHeld = this.#isHeld();
      if (isHeld === true || (isHeld !== false && (await isHeld))) return HELD;
    }
    if (record === undefined && step.marksPosition) this.#positions.set(this.pathOf(step, frame), await this.tenant.log.head());
    const inner = this.#frameOf(step, frame);
    const isLate = this.now() >= inner.deadlineAt && !(record?.until !== undefined && record.until <= inner.deadlineAt);
    const outcome = isLate ? ({ kind: 'timeout', owner: inner.owner } as const) : await this.#attempt(step, inner);
    const path = this.pathOf(step, frame);
    if (outcome.kind === 'timeout' && outcome.owner === path) return this.#fail(step, timeoutError(path), frame);
    return outcome.kind === 'failed' ? this.#fail(step, outcome.error, frame) : outcome;
  }

  #known(step: CompiledStep, record: StepRecord, frame: Frame): Promise<Outcome> | Outcome {
    if (record.state === 'failed') return this.#handle(step, record.error ?? keepError(undefined), frame);
    if (record.state === 'skipped') return DONE;
    // Somebody else has ended it: a person who decided, for instance.
    const inOrder = this.ended(step, record);
    if (inOrder !== record) this.journal.note(inOrder);
    return step.kind === 'stop' ? { kind: 'stopped', ...reasonOf((record.output as JsonObject | undefined)?.['reason']) } : DONE;
  }

  async #attempt(step: CompiledStep, frame: Frame): Promise<Outcome> {
    const { until } = this.recordOf(step, frame) ?? {};
    // An action's own attempts, and waits, look at their time themselves.
    const isBetweenAttempts = step.retry !== undefined && step.kind !== 'action' && until !== undefined;
    if (isBetweenAttempts && until > this.now()) return sleepingUntil(Math.min(until, frame.deadlineAt));
    for (;;) {
      const outcome = await this.#tryKind(step, frame);
      if (outcome.kind !== 'failed' || step.retry === undefined || step.kind === 'action') return outcome;
      const forNow = await retryBlock(this, step, frame, outcome.error);
      if (forNow !== undefined) return forNow;
      if (this.now() >= frame.deadlineAt) return { kind: 'timeout', owner: frame.owner };
    }
  }

  #frameOf(step: CompiledStep, frame: Frame): Frame {
    // Waits for an event or a person decide themselves what was first.
    if (step.timeoutMs === undefined || step.kind === 'wait' || step.kind === 'approve') return frame;
    const known = this.recordOf(step, frame);
    // Kept with the next write, so that the time counts from here after a crash too.
    if (known === undefined && step.kind !== 'action') this.journal.note(this.newRecord(step, frame));
    const deadlineAt = (known?.startedAt ?? this.now()) + step.timeoutMs;
    return deadlineAt < frame.deadlineAt ? { ...frame, deadlineAt, owner: this.pathOf(step, frame) } : frame;
  }

  async #fail(step: CompiledStep, error: KeptError, frame: Frame): Promise<Outcome> {
    const record = this.recordOf(step, frame);
    if (record?.state !== 'failed') {
      if (isBlock(step)) this.closeOpen(`${this.pathOf(step, frame)}.`);
      const { until: _until, intent: _intent, ...rest } = record ?? this.newRecord(step, frame);
      this.journal.note({ ...rest, state: 'failed', error, endedAt: this.now() });
    }
    return this.#handle(step, error, frame);
  }

  async #handle(step: CompiledStep, error: KeptError, frame: Frame): Promise<Outcome> {
    const path = this.pathOf(step, frame);
    const isOwnTimeout = error.code === 'STEP_TIMEOUT' && error.details?.['path'] === path;
    const onTimeout = isOwnTimeout ? step.onTimeout : undefined;
    const handler = onTimeout ?? step.onError?.get(error.code) ?? step.onError?.get('*');
    const outcome: Outcome = handler === undefined ? { kind: 'failed', error } : await this.runSteps(handler, frame);
    if (outcome.kind === 'failed') this.#unhandled.add(path);
    return outcome;
  }

  async #tryKind(step: CompiledStep, frame: Frame): Promise<Outcome> {
    try {
      return await runKind(this, step, frame);
    } catch (error) {
      if (error instanceof EvaluationFault) return { kind: 'failed', error: keepError(error) };
      throw error;
    }
  }
}

const OVER: ReadonlySet<StepRecord['state']> = new Set(['succeeded', 'failed', 'skipped']);

function isOver({ state }: StepRecord): boolean {
  return OVER.has(state);
}

function isBlock({ kind }: CompiledStep): boolean {
  return kind === 'if' || kind === 'switch' || kind === 'parallel' || kind === 'forEach';
}

function cancelled(): TendrilError {
  return new TendrilError('RUN_CANCELLED');
}

function timeoutError(owner: string): KeptError {
  return keepError(new TendrilError('STEP_TIMEOUT', owner === '' ? { scope: 'run' } : { scope: 'step', path: owner }));
}
