import { MYSQL } from '../migrations/dialect.ts';
import type { StateSql } from '../work/state-sql.ts';
import { bytesOf, numberOf } from '../work/step.ts';
import type { SqlRow, SqlValue, Step, Work } from '../work/step.ts';
import { insertRows } from './batch.ts';
import type { SendBatch, Statement } from './batch.ts';
import { BufferedKeys, BufferedRows } from './buffered-rows.ts';
import { fetchesOf, keyText, pointStatements, pointTables } from './point-statements.ts';
import type { PointStatement, PointTable } from './point-statements.ts';
import { UniqueOwners } from './unique-owners.ts';

type Answer = readonly SqlRow[] | 'unknown';
type Handler = (values: readonly SqlValue[]) => Answer;

const CHANGED: readonly SqlRow[] = [{ changes: 1 }];
const UNCHANGED: readonly SqlRow[] = [{ changes: 0 }];

/**
 * Runs the state's work of one transaction in memory: rows are fetched in a few statements, for as many pieces of work
 * as share the transaction, and what has become of them is written back in a few more. A statement that is not about
 * rows by their key goes to the server as it is, after what was written so far.
 */
export class RowBuffer {
  readonly #send: SendBatch;
  readonly #sql: StateSql;
  readonly #undo: (() => void)[] = [];
  readonly #points: ReadonlyMap<string, PointStatement>;
  readonly #rows = new Map<PointTable, BufferedRows>();
  readonly #handlers: ReadonlyMap<string, Handler>;
  readonly #entries = new BufferedKeys('index_entries', ['tenant_no', 'index_no', 'entry', 'record_key'], 3, this.#undo);
  readonly #parked = new BufferedKeys('parked_jobs', ['tenant_no', 'gate', 'priority', 'due_at', 'job_order', 'job_id'], 2, this.#undo);
  readonly #owners = new UniqueOwners(this.#entries);
  readonly #counts = new Map<string, { readonly key: readonly SqlValue[]; readonly by: number }>();
  /** Answers that were fetched ahead to questions that are not for rows by their key. Each is given once. */
  readonly #foreseen = new Map<string, readonly SqlRow[]>();
  #outbox: (readonly SqlValue[])[] = [];
  #lastFence: SqlValue | undefined;

  constructor(send: SendBatch, sql: StateSql) {
    this.#send = send;
    this.#sql = sql;
    const tables = pointTables(sql);
    this.#points = pointStatements(sql, tables);
    for (const table of Object.values(tables) as PointTable[]) this.#rows.set(table, new BufferedRows(table, this.#undo));
    this.#handlers = this.#makeHandlers(tables);
  }

  /** Runs work to its end. */
  async run<Result>(work: Work<Result>): Promise<Result> {
    let state = work.next([]);
    while (state.done !== true) {
      const step = state.value;
      const answer = step.ahead === undefined ? this.#handlers.get(step.sql)?.(step.values) : undefined;
      // Only what has to be asked of the server waits.
      state = work.next(answer === undefined || answer === 'unknown' ? await this.#ask(step) : answer);
    }
    return state.value;
  }

  /** A place to come back to, as long as nothing is written to the server in between. */
  mark(): number {
    return this.#undo.length;
  }

  /** Takes back all changes since the mark. */
  rollBackTo(mark: number): void {
    for (const undo of this.#undo.splice(mark).toReversed()) undo();
  }

  /** What is still to be written. */
  flush(): readonly Statement[] {
    const rows = [...this.#rows.values()].flatMap((table) => table.flush());
    const counts = [...this.#counts.values()].filter(({ by }) => by !== 0).toSorted((a, b) => (keyText(a.key) < keyText(b.key) ? -1 : 1));
    const countKey = ['tenant_no', 'kind', 'is_dead'];
    const statements = [
      ...rows,
      ...this.#entries.flush(),
      ...this.#parked.flush(),
      ...insertRows('outbox', ['tenant_no', 'codec', 'key_id', 'payload'], this.#outbox),
      // Rows that all transactions of a tenant want: late, so that they are held for a moment only.
      ...insertRows(
        'job_counts',
        [...countKey, 'jobs'],
        counts.map(({ key, by }) => [...key, by]),
        { suffix: MYSQL.addTo(countKey, 'jobs') },
      ),
      ...(this.#lastFence === undefined ? [] : [{ sql: this.#sql.setLastFence, values: [this.#lastFence] }]),
    ];
    this.#outbox = [];
    this.#counts.clear();
    this.#lastFence = undefined;
    this.#undo.length = 0;
    return statements;
  }

  /** What is still to be written, and questions for what must be unique when it is. */
  end(): { readonly statements: readonly Statement[]; readonly checks: readonly Statement[] } {
    const checks = this.#owners.again();
    return { statements: this.flush(), checks };
  }

  async #ask(step: Step): Promise<readonly SqlRow[]> {
    if (step.ahead !== undefined) {
      await this.#fetch(step.ahead);
      return [];
    }
    const handler = this.#handlers.get(step.sql);
    if (handler !== undefined) {
      await this.#fetch([this.#findStep(step)]);
      const answer = handler(step.values);
      if (answer !== 'unknown') return answer;
    }
    if (step.sql === this.#sql.nextParked) return await this.#nextParked(step.values);
    const foreseen = this.#foreseen.get(stepText(step));
    this.#foreseen.delete(stepText(step));
    if (foreseen !== undefined) return foreseen;
    const answers = await this.#send([...this.#flushForQuestions(), step]);
    return answers.at(-1) ?? [];
  }

  /** What the server has, and what has changed since: nobody else changes it, as the gate is locked. */
  async #nextParked(values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    const place = values.slice(0, 2);
    const limit = Number(values[2]);
    const written = new Map(this.#parked.at(place).map((wanted) => [keyText(wanted.key), wanted]));
    const gone = [...written.values()].filter(({ isThere }) => !isThere).length;
    const [rows = []] = await this.#send([{ sql: this.#sql.nextParked, values: [...place, limit + gone] }]);
    const columns = ['priority', 'due_at', 'job_order', 'job_id'];
    const left = rows.filter((row) => !written.has(keyText([...place, ...columns.map((column) => row[column] ?? null)])));
    const added = [...written.values()].filter(({ isThere }) => isThere).map(({ key }) => parkedRow(columns, key.slice(2)));
    return [...left, ...added].toSorted(compareParked).slice(0, limit);
  }

  /** The question whose answer a write needs. */
  #findStep({ sql, values }: Step): Step {
    const { insertRecord, updateRecord, deleteRecord, findRecord, renewJob, findJob } = this.#sql;
    if (sql === insertRecord || sql === deleteRecord) return { sql: findRecord, values: values.slice(0, 3) };
    if (sql === updateRecord) return { sql: findRecord, values: values.slice(-3) };
    if (sql === renewJob) return { sql: findJob, values: values.slice(-2) };
    if (sql === this.#sql.entryOwner || this.#points.has(sql)) return { sql, values };
    const isOfCounter = sql === this.#sql.putCounter;
    const isOfGate = sql === this.#sql.putGate || sql === this.#sql.deleteGate;
    return { sql: isOfCounter ? this.#sql.findCounter : isOfGate ? this.#sql.findGate : findJob, values: values.slice(0, 2) };
  }

  async #fetch(steps: readonly Step[]): Promise<void> {
    const missing = steps.filter(({ sql, values }) => this.#handlers.get(sql)?.(values) === 'unknown');
    const others = steps.filter(({ sql }) => !this.#handlers.has(sql));
    const points = fetchesOf(missing, this.#points);
    const owners = this.#owners.fetchesOf(missing.filter(({ sql }) => sql === this.#sql.entryOwner));
    if (points.length + owners.length + others.length === 0) return;
    // Rows by their key are known as they will be; other questions need the server to know as much.
    const before = others.length === 0 ? [] : this.#flushForQuestions();
    const answers = (await this.#send([...before, ...points, ...owners, ...others])).slice(before.length);
    for (const [i, fetch] of points.entries()) {
      const point = this.#points.get(fetch.statement);
      const rows = point === undefined ? undefined : this.#rows.get(point.table);
      const last = point?.table.key.at(-1) ?? '';
      const found = new Map((answers[i] ?? []).map((row) => [keyText([row[last] ?? null]), row]));
      for (const value of fetch.lasts) rows?.fetched([...fetch.prefix, value], found.get(keyText([value])));
    }
    for (const [i, fetch] of owners.entries()) this.#owners.fetched(fetch, answers[points.length + i] ?? []);
    const rest = answers.slice(points.length + owners.length);
    for (const [i, step] of others.entries()) this.#foreseen.set(stepText(step), rest[i] ?? []);
  }

  #flushForQuestions(): readonly Statement[] {
    const statements = this.flush();
    // What was answered before may not be true any more.
    if (statements.length > 0) this.#foreseen.clear();
    return statements;
  }

  #makeHandlers({ records, counters, gates, jobs }: ReturnType<typeof pointTables>): ReadonlyMap<string, Handler> {
    const sql = this.#sql;
    const find =
      (table: PointTable): Handler =>
      (values) => {
        const found = this.#of(table).find(values);
        return found === 'unknown' ? 'unknown' : found === 'absent' ? [] : [found];
      };
    /** Writes over whatever is there. */
    const put =
      (table: PointTable): Handler =>
      (values) => {
        const key = values.slice(0, table.key.length);
        if (this.#of(table).find(key) === 'unknown') return 'unknown';
        this.#of(table).set(key, values.slice(table.key.length));
        return CHANGED;
      };
    const insert =
      (table: PointTable): Handler =>
      (values) => {
        const found = this.#of(table).find(values.slice(0, table.key.length));
        return found === 'absent' ? put(table)(values) : found === 'unknown' ? 'unknown' : UNCHANGED;
      };
    const remove =
      (table: PointTable): Handler =>
      (values) => {
        const found = this.#of(table).find(values);
        if (found === 'unknown') return 'unknown';
        if (found !== 'absent') this.#of(table).set(values, undefined);
        return found === 'absent' ? UNCHANGED : CHANGED;
      };
    const written =
      (write: (values: readonly SqlValue[]) => void): Handler =>
      (values) => {
        write(values);
        return CHANGED;
      };
    return new Map<string, Handler>([
      [sql.findRecord, find(records)],
      [sql.insertRecord, insert(records)],
      [sql.updateRecord, (values) => put(records)([...values.slice(-3), ...values.slice(0, -3)])],
      [sql.deleteRecord, remove(records)],
      [sql.findCounter, find(counters)],
      [sql.putCounter, put(counters)],
      [sql.findGate, find(gates)],
      [sql.putGate, put(gates)],
      [sql.deleteGate, remove(gates)],
      [sql.findJob, find(jobs)],
      [sql.insertJob, insert(jobs)],
      [sql.putJob, put(jobs)],
      [sql.deleteJob, remove(jobs)],
      [sql.renewJob, ([dueAt, ...key]) => this.#renew(jobs, key, dueAt ?? null)],
      [sql.entryOwner, (values) => this.#owners.find(values)],
      [sql.insertEntry, written((values) => this.#entries.set(values, true))],
      [sql.deleteEntry, written((values) => this.#entries.set(values, false))],
      [sql.insertParked, written((values) => this.#parked.set(values, true))],
      [sql.deleteParked, written((values) => this.#parked.set(values, false))],
      [sql.insertOutbox, written((values) => this.#emit(values))],
      [sql.addToCount, written((values) => this.#count(values.slice(0, 3), Number(values[3])))],
      [sql.setLastFence, written(([fence]) => (this.#lastFence = fence ?? null))],
    ]);
  }

  #of(table: PointTable): BufferedRows {
    const rows = this.#rows.get(table) ?? new BufferedRows(table, this.#undo);
    this.#rows.set(table, rows);
    return rows;
  }

  #renew(jobs: PointTable, key: readonly SqlValue[], dueAt: SqlValue): Answer {
    const found = this.#of(jobs).find(key);
    if (found === 'unknown') return 'unknown';
    if (found === 'absent') return UNCHANGED;
    this.#of(jobs).set(
      key,
      jobs.columns.map((column) => (column === 'due_at' ? dueAt : (found[column] ?? null))),
    );
    return CHANGED;
  }

  #emit(values: readonly SqlValue[]): void {
    this.#outbox.push(values);
    this.#undo.push(() => this.#outbox.pop());
  }

  #count(key: readonly SqlValue[], by: number): void {
    const text = keyText(key);
    const add = (difference: number): void => {
      this.#counts.set(text, { key, by: (this.#counts.get(text)?.by ?? 0) + difference });
    };
    add(by);
    this.#undo.push(() => {
      add(-by);
    });
  }
}

function stepText({ sql, values }: Step): string {
  return `${sql}\0${keyText(values)}`;
}

function parkedRow(columns: readonly string[], values: readonly SqlValue[]): SqlRow {
  return Object.fromEntries(columns.map((column, i) => [column, values[i] ?? null]));
}

function compareParked(a: SqlRow, b: SqlRow): number {
  for (const column of ['priority', 'due_at', 'job_order']) {
    if (numberOf(a, column) !== numberOf(b, column)) return numberOf(a, column) - numberOf(b, column);
  }
  return Buffer.compare(bytesOf(a, 'job_id'), bytesOf(b, 'job_id'));
}
