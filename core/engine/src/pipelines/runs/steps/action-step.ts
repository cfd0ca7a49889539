import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';
import type { ActionDescription, ActionRequest } from '../../../actions/contract.ts';
import { pause } from '../../../environment.ts';
import type { Change } from '../../../ports.ts';
import type { ActionStep } from '../../compiled.ts';
import { MAX_VALUE_BYTES, oversize } from '../blobs.ts';
import { isRefusal, keepError, remedyOf } from '../kept-error.ts';
import { DONE, QUIET, sleepingUntil } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';
import { idempotencyKeyOf } from '../records.ts';
import type { KeptError, StepRecord } from '../records.ts';
import { retryDelayMs, SHORT_DELAY_MS } from '../retry.ts';
import type { Frame, StepSession } from '../step-session.ts';
import { effectKeyOf, freeChanges, madeChanges, takeTurn } from './effect-memory.ts';

/** How soon it is looked again whether another run's call with the same key has ended: at first, and at most. */
const BUSY_MS = { first: 1_000, longest: 300_000 };

/** Does an action step until it has a result, or must wait. */
export async function runAction(session: StepSession, step: ActionStep, frame: Frame): Promise<Outcome> {
  const before = session.recordOf(step, frame);
  if (before?.state === 'needs_review') return inReview(frame);
  if (before?.state === 'blocked') return blocked(step, before, frame);
  if (before?.until !== undefined && before.until > session.now()) return sleepingUntil(Math.min(before.until, frame.deadlineAt));
  if (before === undefined && step.guard !== undefined && !session.condition(step.guard, frame.scope)) {
    session.journal.note({ ...session.newRecord(step, frame), state: 'skipped', endedAt: session.now() });
    return DONE;
  }
  await session.journal.flush();
  const record = before ?? startRecord(session, step, frame);
  const sizeBytes = before === undefined ? oversize(record.input) : undefined;
  if (sizeBytes !== undefined) return tooLarge(session, step, record, sizeBytes);
  const ended = record.effectKey === undefined ? undefined : await behindOthers(session, step, frame, record, record.effectKey);
  return ended ?? new ActionAttempts(session, step, frame, record).run();
}

function startRecord(session: StepSession, step: ActionStep, frame: Frame): StepRecord {
  const effectKey = effectKeyOf(session, step, frame.scope);
  return { ...session.newRecord(step, frame), input: step.input(frame.scope), ...(effectKey === undefined ? {} : { effectKey }) };
}

function tooLarge(session: StepSession, step: ActionStep, { input: _input, ...record }: StepRecord, sizeBytes: number): Outcome {
  const error = keepError(new TendrilError('ACTION_INPUT_INVALID', { action: step.action, sizeBytes, limitBytes: MAX_VALUE_BYTES }));
  session.journal.note({ ...record, state: 'failed', error, endedAt: session.now() });
  return { kind: 'failed', error };
}

/** @returns `undefined` when it is this step that makes the call of the key */
async function behindOthers(
  session: StepSession,
  step: ActionStep,
  frame: Frame,
  record: StepRecord,
  effectKey: string,
): Promise<Outcome | undefined> {
  const turn = await takeTurn(session, record, effectKey);
  if (turn.kind === 'mine') return undefined;
  const now = session.now();
  if (turn.kind === 'busy') {
    const until = now + Math.min(Math.max((now - record.startedAt) / 2, BUSY_MS.first), BUSY_MS.longest);
    session.journal.note({ ...record, state: 'sleeping', until });
    return sleepingUntil(Math.min(until, frame.deadlineAt));
  }
  const { until: _until, ...rest } = record;
  if (turn.kind === 'failed') {
    session.journal.note({ ...rest, state: 'failed', error: turn.error, endedAt: now });
    return turn;
  }
  session.journal.note(session.ended(step, { ...rest, state: 'succeeded', output: turn.output, endedAt: now }));
  return DONE;
}

function inReview(frame: Frame): Outcome {
  return { kind: 'waiting', waiting: { ...QUIET, dueAt: frame.deadlineAt, needsReview: true } };
}

// Where the step names no connection, any of the plugin's may be the one; which plugin was called stands in the error.
function blocked(step: ActionStep, record: StepRecord, frame: Frame): Outcome {
  const plugin = record.error?.details?.['plugin'];
  const on = step.connection === undefined ? `plugin:${typeof plugin === 'string' ? plugin : ''}` : `connection:${step.connection}`;
  return { kind: 'waiting', waiting: { ...QUIET, dueAt: frame.deadlineAt, blockedOn: [on] } };
}

/** What one attempt came to; `undefined` when there is another one. */
type Attempted = Outcome | undefined;

/** The attempts at one action step. */
class ActionAttempts {
  readonly #session: StepSession;
  readonly #step: ActionStep;
  readonly #frame: Frame;
  #record: StepRecord;
  // Of the attempt that is running: whether an effect may have begun.
  #hasIntent = false;

  constructor(session: StepSession, step: ActionStep, frame: Frame, record: StepRecord) {
    this.#session = session;
    this.#step = step;
    this.#frame = frame;
    this.#record = record;
  }

  async run(): Promise<Outcome> {
    if (this.#record.intent !== undefined) {
      const outcome = await this.#afterCutOff();
      if (outcome !== undefined) return outcome;
    }
    for (;;) {
      if (this.#session.now() >= this.#frame.deadlineAt) return { kind: 'timeout', owner: this.#frame.owner };
      if (this.#frame.isCut()) return { kind: 'cut' };
      const outcome = await this.#attempt();
      if (outcome !== undefined) return outcome;
    }
  }

  async #attempt(): Promise<Attempted> {
    this.#session.assertHeld();
    const attempts = this.#record.attempts + 1;
    const { intent: _intent, until: _until, error: _error, ...rest } = this.#record;
    this.#record = { ...rest, state: 'running', attempts };
    this.#hasIntent = false;
    this.#session.fault('step.before-call');
    try {
      const result = await this.#session.actions.execute(await this.#request());
      this.#session.fault('step.after-call');
      return this.#succeed(result.output, result.changes);
    } catch (error) {
      return this.#afterError(error);
    }
  }

  async #request(): Promise<ActionRequest> {
    const { run, tenantId, signal } = this.#session;
    const { connection, action } = this.#step;
    const base = {
      tenantId,
      name: action,
      input: (this.#record.input ?? {}) as JsonObject,
      idempotencyKey: this.#record.effectKey ?? idempotencyKeyOf(tenantId, run.id, this.#record.path),
      attempt: this.#record.attempts,
      caller: run.caller,
      isTest: run.isTest,
      signal,
      causedBy: { runId: run.id, ...(run.eventId === undefined ? {} : { eventId: run.eventId }) },
      hops: run.hops ?? 0,
      path: this.#record.path,
      beforeEffect: () => this.#writeIntent(),
      ...(connection === undefined ? {} : { connection }),
      ...(run.requestId === undefined ? {} : { requestId: run.requestId }),
    };
    const leftMs = this.#frame.deadlineAt - this.#session.now();
    if (leftMs === Infinity) return base;
    const description = await this.#describe();
    return { ...base, timeoutMs: Math.max(1, Math.min(leftMs, description?.timeoutMs ?? leftMs)) };
  }

  #describe(): Promise<ActionDescription | undefined> {
    return this.#session.actions.find(this.#session.tenantId, this.#step.action);
  }

  async #writeIntent(): Promise<void> {
    this.#session.fault('step.before-intent');
    this.#record = { ...this.#record, intent: { attempt: this.#record.attempts } };
    this.#session.journal.note(this.#record);
    await this.#session.write();
    this.#hasIntent = true;
    this.#session.fault('step.after-intent');
    // The lease may have run out while the disk was slow: then another worker decides about the intent.
    this.#session.assertHeld();
  }

  /** Died or was cut off after the intent: whether the effect took place has to be found out. */
  #afterCutOff(): Promise<Attempted> {
    return this.#findOut(this.#record.error ?? keepError(new TendrilError('ACTION_NEEDS_REVIEW', { action: this.#step.action })));
  }

  /**
   * Asks the action; one that is `none` does not know, and then a person decides.
   *
   * @returns `undefined` when the effect is absent and there is another attempt
   */
  async #findOut(error: KeptError): Promise<Attempted> {
    this.#session.assertHeld();
    this.#session.fault('step.before-check');
    try {
      const { beforeEffect: _beforeEffect, ...request } = await this.#request();
      const found = await this.#session.actions.check(request);
      this.#session.fault('step.after-check');
      if (found.effect === 'happened') return this.#succeed(found.output, []);
      if (found.effect === 'unknown') return this.#review(error);
      const { intent: _intent, ...rest } = this.#record;
      this.#record = rest;
      this.#hasIntent = false;
      return undefined;
    } catch (failure) {
      this.#session.rethrowEnd(failure);
      const kept = keepError(failure);
      if (this.#session.isCutOff) return this.#cutOff(kept);
      if (remedyOf(kept) === 'reconnect') return this.#block(kept);
      // Nothing is known yet: the intent stays, and the next attempt asks again.
      const delayMs = this.#delayMs(kept);
      if (delayMs === undefined) return this.#review(error);
      this.#record = { ...this.#record, attempts: this.#record.attempts + 1 };
      const outcome = await this.#waitFor(delayMs, kept);
      return outcome ?? this.#findOut(error);
    }
  }

  async #afterError(failure: unknown): Promise<Attempted> {
    this.#session.rethrowEnd(failure);
    const error = keepError(failure);
    if (this.#session.isCutOff) return this.#cutOff(error);
    if (this.#hasIntent && !isRefusal(error)) {
      const outcome = await this.#findOut(error);
      if (outcome !== undefined) return outcome;
    }
    if (remedyOf(error) === 'reconnect') return this.#block(error);
    const delayMs = this.#delayMs(error);
    if (delayMs === undefined) return this.#fail(error);
    const { intent: _intent, ...rest } = this.#record;
    this.#record = rest;
    return this.#waitFor(delayMs, error);
  }

  #succeed(output: Json, changes: readonly Change[]): Outcome {
    const { intent: _intent, ...rest } = this.#record;
    const endedAt = this.#session.now();
    const sizeBytes = oversize(output);
    if (sizeBytes !== undefined) {
      const error = keepError(
        new TendrilError('ACTION_OUTPUT_INVALID', { action: this.#step.action, sizeBytes, limitBytes: MAX_VALUE_BYTES }),
      );
      const made = madeChanges(this.#session, rest, { error });
      this.#session.journal.note({ ...rest, state: 'failed', error, endedAt }, [...changes, ...made]);
      return { kind: 'failed', error };
    }
    const made = madeChanges(this.#session, rest, { output: output ?? null });
    const record = this.#session.ended(this.#step, { ...rest, state: 'succeeded', output: output ?? null, endedAt });
    this.#session.journal.note(record, made.length === 0 ? changes : [...changes, ...made]);
    return DONE;
  }

  #fail(error: KeptError): Outcome {
    const { intent: _intent, ...rest } = this.#record;
    this.#session.journal.note({ ...rest, state: 'failed', error, endedAt: this.#session.now() }, freeChanges(rest));
    return { kind: 'failed', error };
  }

  /** Somebody cancels the run at once. Of an effect that may have begun, nobody knows. */
  #cutOff(error: KeptError): Outcome {
    if (!this.#hasIntent || isRefusal(error)) this.#fail(error);
    else {
      const unknown = keepError(new TendrilError('ACTION_NEEDS_REVIEW', { action: this.#step.action }));
      const record: StepRecord = { ...this.#record, state: 'needs_review', error, endedAt: this.#session.now() };
      // Others with an equal key must not make the call, also when this run is forgotten.
      this.#session.journal.note(record, madeChanges(this.#session, record, { error: unknown }));
    }
    return { kind: 'cut' };
  }

  #review(error: KeptError): Outcome {
    this.#session.journal.note({ ...this.#record, state: 'needs_review', error });
    return inReview(this.#frame);
  }

  async #block(error: KeptError): Promise<Outcome> {
    const description = await this.#describe();
    const plugin = description?.plugin ?? this.#step.action.split('.')[0] ?? '';
    const record: StepRecord = { ...this.#record, state: 'blocked', error: { ...error, details: { ...error.details, plugin } } };
    this.#session.journal.note(record);
    return blocked(this.#step, record, this.#frame);
  }

  #delayMs(error: KeptError): number | undefined {
    return retryDelayMs(this.#step.retry, Math.max(1, this.#record.attempts), error, {
      random: this.#session.random,
      now: this.#session.now(),
    });
  }

  async #waitFor(delayMs: number, error: KeptError): Promise<Attempted> {
    const until = this.#session.now() + delayMs;
    if (delayMs <= SHORT_DELAY_MS && until < this.#frame.deadlineAt) {
      await pause(this.#session.timers, delayMs, this.#session.signal);
      return undefined;
    }
    this.#session.journal.note({ ...this.#record, state: 'sleeping', error, until });
    return sleepingUntil(Math.min(until, this.#frame.deadlineAt));
  }
}
