import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';
import type { ActionDescription, ActionRequest } from '../../../actions/contract.ts';
import { pause } from '../../../environment.ts';
import type { Change } from '../../../ports.ts';
import type { ActionStep } from '../../compiled.ts';
import { EvaluationFault } from '../../expressions/expression.ts';
import { isRefusal, keepError, remedyOf } from '../kept-error.ts';
import { DONE, QUIET, sleepingUntil } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';
import { idempotencyKeyOf } from '../records.ts';
import type { KeptError, StepRecord } from '../records.ts';
import { retryDelayMs, SHORT_DELAY_MS } from '../retry.ts';
import type { Frame, StepSession } from '../step-session.ts';

/** The largest result that is journalled, in bytes of JSON. */
export const MAX_OUTPUT_BYTES = 256 * 1024;

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
  return new ActionAttempts(session, step, frame, before ?? startRecord(session, step, frame)).run();
}

function startRecord(session: StepSession, step: ActionStep, frame: Frame): StepRecord {
  return { ...session.newRecord(step, frame), input: step.input(frame.scope) };
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
    const { run, tenantId, lease } = this.#session;
    const { connection, action } = this.#step;
    const base = {
      tenantId,
      name: action,
      input: (this.#record.input ?? {}) as JsonObject,
      idempotencyKey: idempotencyKeyOf(tenantId, run.id, this.#record.path),
      attempt: this.#record.attempts,
      caller: run.caller,
      isTest: run.isTest,
      signal: lease.signal,
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
    const sizeBytes = Buffer.byteLength(JSON.stringify(output ?? null));
    if (sizeBytes > MAX_OUTPUT_BYTES) {
      const error = keepError(
        new TendrilError('ACTION_OUTPUT_INVALID', { action: this.#step.action, sizeBytes, limitBytes: MAX_OUTPUT_BYTES }),
      );
      this.#session.journal.note({ ...rest, state: 'failed', error, endedAt: this.#session.now() }, changes);
      return { kind: 'failed', error };
    }
    this.#session.journal.note({ ...rest, state: 'succeeded', output: output ?? null, endedAt: this.#session.now() }, changes);
    return DONE;
  }

  #fail(error: KeptError): Outcome {
    const { intent: _intent, ...rest } = this.#record;
    this.#session.journal.note({ ...rest, state: 'failed', error, endedAt: this.#session.now() });
    return { kind: 'failed', error };
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
      await pause(this.#session.timers, delayMs, this.#session.lease.signal);
      return undefined;
    }
    this.#session.journal.note({ ...this.#record, state: 'sleeping', error, until });
    return sleepingUntil(Math.min(until, this.#frame.deadlineAt));
  }
}
