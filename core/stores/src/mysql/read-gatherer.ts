import type { SqlRow, SqlValue, Step, Work } from '../work/step.ts';
import type { SendBatch, Statement } from './batch.ts';
import { fetchesOf, keyText } from './point-statements.ts';
import type { PointStatement } from './point-statements.ts';

const MOST_STATEMENTS = 64;
/** So many messages are on their way at a time: while the server works on one the next gathers. */
const MOST_ON_THE_WAY = 2;

interface Waiting {
  readonly step: Step;
  readonly resolve: (rows: readonly SqlRow[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lets questions share a message: all that come while others are on their way go together with the next, and those for
 * rows of one table by their key become one statement. What costs is the way, not the answer.
 */
export class ReadGatherer {
  readonly #send: SendBatch;
  readonly #points: ReadonlyMap<string, PointStatement>;
  #waiting: Waiting[] = [];
  #onTheWay = 0;

  constructor(send: SendBatch, points: ReadonlyMap<string, PointStatement>) {
    this.#send = send;
    this.#points = points;
  }

  /** Runs work that only reads, each statement on the newest data, to its end. */
  async run<Result>(work: Work<Result>): Promise<Result> {
    const foreseen = new Map<string, readonly SqlRow[]>();
    let state = work.next([]);
    while (state.done !== true) {
      const step = state.value;
      if (step.ahead === undefined) {
        state = work.next(foreseen.get(textOf(step)) ?? (await this.#ask(step)));
      } else {
        const answers = await Promise.all(step.ahead.map((next) => this.#ask(next)));
        for (const [i, next] of step.ahead.entries()) foreseen.set(textOf(next), answers[i] ?? []);
        state = work.next([]);
      }
    }
    return state.value;
  }

  #ask(step: Step): Promise<readonly SqlRow[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly SqlRow[]>();
    this.#waiting.push({ step, resolve, reject });
    if (this.#onTheWay < MOST_ON_THE_WAY) void this.#go();
    return promise;
  }

  async #go(): Promise<void> {
    this.#onTheWay += 1;
    // Lets the caller's other questions of this turn come along.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#answer(this.#waiting.splice(0, MOST_STATEMENTS));
    this.#onTheWay -= 1;
  }

  async #answer(waiting: readonly Waiting[]): Promise<void> {
    try {
      const answers = await this.#answersTo(waiting.map(({ step }) => step));
      for (const [i, { resolve }] of waiting.entries()) resolve(answers[i] ?? []);
    } catch (error) {
      const [first] = waiting;
      if (waiting.length === 1) first?.reject(error);
      // One of them is at fault; the others shall have their answers.
      else for (const one of waiting) await this.#answer([one]);
    }
  }

  async #answersTo(steps: readonly Step[]): Promise<readonly (readonly SqlRow[])[]> {
    const fetches = fetchesOf(steps, this.#points);
    const others = steps.filter(({ sql }) => !this.#points.has(sql));
    const statements: readonly Statement[] = [...fetches, ...others];
    const answers = await this.#send(statements);
    const rows = new Map<string, readonly SqlRow[]>();
    for (const [i, { statement, prefix }] of fetches.entries()) {
      const last = this.#points.get(statement)?.table.key.at(-1) ?? '';
      for (const row of answers[i] ?? []) rows.set(textOf({ sql: statement, values: [...prefix, row[last] ?? null] }), [row]);
    }
    const rest = answers.slice(fetches.length);
    let next = 0;
    return steps.map((step) => (this.#points.has(step.sql) ? (rows.get(textOf(step)) ?? []) : (rest[next++] ?? [])));
  }
}

function textOf({ sql, values }: { readonly sql: string; readonly values: readonly SqlValue[] }): string {
  return `${sql}\0${keyText(values)}`;
}
