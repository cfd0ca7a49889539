import type { Json } from '@tendril/plugin-api';
import type { ForEachStep } from '../../compiled.ts';
import { EvaluationFault } from '../../../expressions/index.ts';
import { hasCompensation } from '../compensation.ts';
import { keepError } from '../kept-error.ts';
import { DONE, joined } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';
import { journalKey } from '../records.ts';
import type { ElementFailure, StepRecord } from '../records.ts';
import { idsOf } from '../run-scope.ts';
import type { Frame, StepSession } from '../step-session.ts';
import { MAX_FAILURES_TOLD } from './loop-result.ts';
import type { LoopResult } from './loop-result.ts';
import { allOf } from './parallel.ts';

const MAX_WAITING_RECORDS = 200;

/** The elements of one loop. Each has a record of its own at the loop's path and its index, with what it adds to what is collected. */
export class Elements {
  readonly #session: StepSession;
  readonly #step: ForEachStep;
  readonly #frame: Frame;
  readonly #path: string;
  /** Elements are kept with their values until the run ends, because steps inside may have to be undone. */
  readonly isKept: boolean;

  constructor(session: StepSession, step: ForEachStep, frame: Frame) {
    this.#session = session;
    this.#step = step;
    this.#frame = frame;
    this.#path = session.pathOf(step, frame);
    this.isKept = hasCompensation(step.body);
  }

  /** Works on elements that have not ended, so many at a time; one that sleeps takes a place. @param offset index of the first */
  async run(items: readonly Json[], offset: number): Promise<Outcome> {
    let next = 0;
    let hasEnded = false;
    const outcomes: Outcome[] = [];
    const frame: Frame = { ...this.#frame, isCut: () => hasEnded || this.#frame.isCut() };
    const lane = async (): Promise<Outcome> => {
      while (next < items.length && !frame.isCut()) {
        const at = next;
        next += 1;
        const outcome = await this.#element(items[at] ?? null, offset + at, frame);
        if (outcome.kind === 'failed' || outcome.kind === 'stopped') hasEnded = true;
        if (outcome.kind !== 'done') return outcome;
        if (this.#step.concurrency > 1 || this.#session.journal.waiting > MAX_WAITING_RECORDS) await this.#session.journal.flush();
      }
      return DONE;
    };
    const lanes = Math.min(this.#step.concurrency, items.length);
    outcomes.push(
      ...(await allOf(
        this.#session,
        Array.from({ length: lanes }, () => lane),
        () => {
          hasEnded = true;
        },
      )),
    );
    const outcome = joined(outcomes);
    return outcome.kind === 'done' && next < items.length ? { kind: 'cut' } : outcome;
  }

  /** What elements that have ended came to. */
  resultOf(offset: number, count: number): LoopResult {
    const failures: ElementFailure[] = [];
    const collected: Json[] = [];
    let failed = 0;
    for (let index = offset; index < offset + count; index += 1) {
      const record = this.#session.journal.get(this.#pathOf(index));
      if (record?.state === 'failed') {
        failed += 1;
        if (failures.length < MAX_FAILURES_TOLD) failures.push({ index, code: record.error?.code ?? 'INTERNAL' });
      } else if (this.#step.collect !== undefined) collected.push(record?.output ?? null);
    }
    return { count, failed, failures, collected };
  }

  #pathOf(index: number): string {
    return `${this.#path}.${String(index)}`;
  }

  async #element(item: Json, index: number, frame: Frame): Promise<Outcome> {
    const { journal, scopes } = this.#session;
    const path = this.#pathOf(index);
    const known = journal.get(path);
    if (known?.state === 'succeeded') return DONE;
    if (known?.state === 'failed') return this.#failed(known);
    const record = known ?? this.#newRecord(path, item);
    if (this.isKept && known === undefined) journal.note(record);
    const { name, body, collect } = this.#step;
    const base = `${path}.`;
    const scope = scopes.enter(frame.scope, base, { [name]: item, [`${name}Index`]: index }, idsOf(body));
    const outcome = await this.#session.runSteps(body, { ...frame, base, scope });
    if (outcome.kind === 'failed') return this.#end({ ...record, state: 'failed', error: outcome.error }, base);
    if (outcome.kind !== 'done') return outcome;
    try {
      const output = collect?.(scope);
      return this.#end({ ...record, state: 'succeeded', ...(output === undefined ? {} : { output }) }, base);
    } catch (error) {
      if (!(error instanceof EvaluationFault)) throw error;
      return this.#end({ ...record, state: 'failed', error: keepError(error) }, base);
    }
  }

  #end(record: StepRecord, base: string): Outcome {
    const { journal, scopes } = this.#session;
    if (record.state === 'failed' && this.#step.continueOnError) this.#session.closeOpen(base);
    const ended = { ...record, endedAt: this.#session.now() };
    journal.note(ended);
    scopes.leave(base);
    return ended.state === 'failed' ? this.#failed(ended) : DONE;
  }

  #failed({ error }: StepRecord): Outcome {
    return this.#step.continueOnError ? DONE : { kind: 'failed', error: error ?? keepError(undefined) };
  }

  #newRecord(path: string, item: Json): StepRecord {
    const { base } = this.#frame;
    return {
      key: journalKey(this.#session.run.id, path),
      path,
      ...(base === '' ? {} : { loop: base }),
      kind: 'element',
      state: 'running',
      attempts: 1,
      startedAt: this.#session.now(),
      ...(this.isKept ? { input: item } : {}),
    };
  }
}
