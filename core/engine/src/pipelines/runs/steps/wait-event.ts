import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { CompiledWait, WaitStep } from '../../compiled.ts';
import { bindScope } from '../../waits/bound-scope.ts';
import { isWanted } from '../../waits/condition.ts';
import { findInLog } from '../../waits/look-back.ts';
import { keysOfRun } from '../../waits/person-keys.ts';
import type { PersonKeys } from '../../waits/person-keys.ts';
import { positionBefore } from '../../waits/position-before.ts';
import { WAITS } from '../../waits/tables.ts';
import { deleteWait, putWait } from '../../waits/wait-record.ts';
import type { Arrival, WaitRecord } from '../../waits/wait-record.ts';
import { keepError } from '../kept-error.ts';
import { DONE, sleepingUntil } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';
import { journalKey, withoutUndefined } from '../records.ts';
import type { PinnedEvent, StepRecord } from '../records.ts';
import type { Frame, StepSession } from '../step-session.ts';

type EventWait = Extract<CompiledWait, { readonly kind: 'event' }>;

/** Of a pipeline's first step: nothing but the trigger is before it. */
const FIRST_PATH = '0';

/**
 * Waits for an event of the run's person. Registering is on disk before the log is looked through, so that an event is
 * found here or by the matcher, whenever it comes. The wait's row decides between events, and between event and timeout.
 */
export async function runEventWait(session: StepSession, step: WaitStep, wait: EventWait, frame: Frame): Promise<Outcome> {
  return new WaitForEvent(session, step, wait, frame).run();
}

class WaitForEvent {
  readonly #session: StepSession;
  readonly #step: WaitStep;
  readonly #wait: EventWait;
  readonly #frame: Frame;
  readonly #path: string;
  readonly #key: string;
  #person: PersonKeys | undefined;

  constructor(session: StepSession, step: WaitStep, wait: EventWait, frame: Frame) {
    this.#session = session;
    this.#step = step;
    this.#wait = wait;
    this.#frame = frame;
    this.#path = session.pathOf(step, frame);
    this.#key = journalKey(session.run.id, this.#path);
  }

  async run(): Promise<Outcome> {
    const { run } = this.#session;
    if (run.personId === undefined && (await this.#personKeys()).keys.length === 0)
      return { kind: 'failed', error: keepError(new TendrilError('PERSON_MISSING', { path: this.#path })) };
    const known = this.#session.recordOf(this.#step, this.#frame);
    const [row] = known?.wait === undefined ? [] : await this.#session.tenant.state.get(WAITS, [this.#key]);
    if (known?.wait === undefined || row === undefined) return this.#settle(await this.#register(known), 1, undefined);
    return this.#settle(known, row.version, (row.value as unknown as WaitRecord).arrival);
  }

  async #register(known: StepRecord | undefined): Promise<StepRecord> {
    const { journal, run } = this.#session;
    // The condition is bound to results that have to be true.
    await journal.flush();
    const begun = known ?? this.#session.newRecord(this.#step, this.#frame);
    const { timeoutMs } = this.#step;
    const until = begun.until ?? (timeoutMs === undefined ? undefined : begun.startedAt + timeoutMs);
    const since = begun.wait?.since ?? (await this.#since());
    const { keys } = await this.#personKeys();
    const { where } = this.#wait;
    const row: WaitRecord = {
      key: this.#key,
      runId: run.id,
      path: this.#path,
      pipeline: run.pipeline,
      version: run.version,
      isTest: run.isTest,
      awaits: this.#wait.event,
      people: keys,
      since,
      registeredAt: this.#session.now(),
      ...(until === undefined ? {} : { until }),
      ...(where === undefined ? {} : { where: where.source, scope: bindScope(where, this.#frame.scope) }),
    };
    const record: StepRecord = { ...begun, state: 'sleeping', wait: { since }, ...(until === undefined ? {} : { until }) };
    this.#session.fault('wait.before-register');
    journal.note(record, [putWait(row, 0)]);
    await journal.flush();
    this.#session.fault('wait.after-register');
    return record;
  }

  async #since(): Promise<number> {
    const { journal, run, tenant } = this.#session;
    const { since } = this.#wait;
    const stated =
      since === 'trigger' || (since === 'previous_step' && this.#path === FIRST_PATH)
        ? run.position
        : since === 'previous_step'
          ? positionBefore(this.#path, this.#frame.base, (path) => journal.get(path))
          : undefined;
    return stated ?? (await tenant.log.head());
  }

  /** Ends the step when that can be decided now. @param version of the wait's row */
  async #settle(record: StepRecord, version: number, arrival: Arrival | undefined): Promise<Outcome> {
    const { since, seenTo } = record.wait ?? { since: 0 };
    const head = await this.#session.tenant.log.head();
    const isOver = record.until !== undefined && record.until <= this.#session.now();
    // What came while the matcher could not know of the wait, and at the end what it has not come to yet.
    const mustLook = seenTo === undefined || (isOver && arrival === undefined);
    this.#session.fault('wait.before-look-back');
    const earlier = mustLook ? await this.#lookBack(seenTo ?? since, head, arrival?.position) : undefined;
    this.#session.fault('wait.after-look-back');
    const first = earlier ?? arrival;
    if (first !== undefined) return this.#succeed(record, first, version);
    if (isOver) return this.#timeOut(record, version);
    if (seenTo === undefined) this.#session.journal.note({ ...record, wait: { since, seenTo: head } });
    return sleepingUntil(Math.min(record.until ?? Infinity, this.#frame.deadlineAt));
  }

  async #lookBack(after: number, head: number, before: number | undefined): Promise<Arrival | undefined> {
    if (head <= after) return undefined;
    const { run, tenant } = this.#session;
    const { scope } = this.#frame;
    const { event, where } = this.#wait;
    const until = this.#session.recordOf(this.#step, this.#frame)?.until;
    return findInLog({
      log: tenant.log,
      identities: (await this.#personKeys()).identities,
      event,
      isTest: run.isTest,
      after,
      ...(before === undefined ? {} : { before }),
      until,
      isWanted: (candidate) =>
        isWanted(
          () => where,
          candidate,
          (arrived) => scope.with({ arrived }),
          () => undefined,
        ),
    });
  }

  async #personKeys(): Promise<PersonKeys> {
    this.#person ??= await keysOfRun(this.#session.tenantId, this.#session.run, this.#session.actions);
    return this.#person;
  }

  // Both are on disk before anything follows from them: an event, or the time, may have been faster.
  async #succeed(record: StepRecord, { event, position }: Arrival, version: number): Promise<Outcome> {
    const { until: _until, wait: _wait, ...rest } = record;
    const endedAt = this.#session.now();
    // A wait behind this one is for another event.
    const ended: StepRecord = { ...rest, state: 'succeeded', output: toOutput(event), endedAt, position };
    this.#session.fault('wait.before-end');
    this.#session.journal.note(this.#session.ended(this.#step, ended), [deleteWait(this.#key, version)]);
    await this.#session.journal.flush();
    return DONE;
  }

  async #timeOut(record: StepRecord, version: number): Promise<Outcome> {
    const { until: _until, wait: _wait, ...rest } = record;
    const error = keepError(new TendrilError('STEP_TIMEOUT', { scope: 'step', path: this.#path }));
    this.#session.fault('wait.before-end');
    this.#session.journal.note({ ...rest, state: 'failed', error, endedAt: this.#session.now() }, [deleteWait(this.#key, version)]);
    await this.#session.journal.flush();
    return { kind: 'failed', error };
  }
}

/** What later steps read of the event; moments in ISO 8601. */
function toOutput(event: PinnedEvent): JsonObject {
  const moments = { occurredAt: new Date(event.occurredAt).toISOString(), receivedAt: new Date(event.receivedAt).toISOString() };
  return withoutUndefined({ ...event, ...moments });
}
