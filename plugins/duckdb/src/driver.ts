import { join } from 'node:path';
import { TendrilError } from '@tendril/plugin-api';
import type { AnalyticsAnswers, AnalyticsBatch, AnalyticsDriver, AnalyticsQuestion, Call } from '@tendril/plugin-api';
import { ColumnarFile } from './columnar-file.ts';
import type { FileLimits, Snapshot } from './columnar-file.ts';
import { personHash } from './person-hash.ts';
import { Query } from './query.ts';
import { askBreakdown } from './questions/breakdown.ts';
import { askFunnel } from './questions/funnel.ts';
import { askMeasure } from './questions/measure.ts';
import { askNames } from './questions/names.ts';
import { askPages } from './questions/pages.ts';
import { askPaths } from './questions/paths.ts';
import { askRetention } from './questions/retention.ts';
import { askSessions } from './questions/sessions.ts';

const DEFAULT_LIMITS: FileLimits = { memoryMegabytes: 512, threads: 2 };
/** Files that are open at once; the one that was used longest ago is closed for another. */
const MOST_OPEN = 50;

/** The driver: one file for each tenant, opened at its first use. */
export class DuckDbDriver implements AnalyticsDriver {
  readonly #files = new Map<string, Promise<ColumnarFile>>();

  async position(call: Call): Promise<number> {
    return (await this.#file(call)).position;
  }

  async append(batch: AnalyticsBatch, call: Call): Promise<void> {
    await this.#using(call, (file) => file.append(batch));
  }

  async positionsOf(people: readonly string[], after: number, limit: number, call: Call): Promise<readonly number[]> {
    if (people.length === 0) return [];
    const rows = await this.#using(call, (file) =>
      file.read((snapshot) =>
        snapshot.rows(
          `SELECT position FROM events WHERE person IN (${people.map(personHash).join(', ')}) AND position > ${after} ORDER BY position LIMIT ${limit}`,
        ),
      ),
    );
    return rows.map(([position]) => Number(position));
  }

  async reset(call: Call): Promise<void> {
    const path = await pathOf(call);
    const file = await this.#file(call);
    this.#files.delete(path);
    await file.remove();
  }

  ask<Question extends AnalyticsQuestion>(
    question: Question,
    call: Call,
  ): Promise<AnalyticsAnswers[Question['ask']] & { readonly position: number }> {
    const zone = call.tenant.timeZone;
    return this.#using(call, (file) =>
      file.read(async (snapshot) => {
        // The kind of the answer is that of the question.
        const answer = (await answerTo(question, snapshot, zone)) as AnalyticsAnswers[Question['ask']];
        return { ...answer, position: snapshot.position };
      }, call.signal),
    );
  }

  /** Closes all files. */
  async stop(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    for (const file of files) await (await file.catch(() => undefined))?.close();
  }

  /** A file that DuckDB gave up on is opened anew the next time. */
  async #using<Result>(call: Call, work: (file: ColumnarFile) => Promise<Result>): Promise<Result> {
    const file = await this.#file(call);
    try {
      return await work(file);
    } catch (error) {
      if (error instanceof Error && /invalidated|fatal/i.test(error.message)) {
        this.#files.delete(await pathOf(call));
        await file.close();
      }
      throw explained(error);
    }
  }

  async #file(call: Call): Promise<ColumnarFile> {
    const path = await pathOf(call);
    const opening = this.#files.get(path) ?? ColumnarFile.open(path, limitsOf(call), call.log, call.clock.now());
    // Put at the end: the first is the one that was used longest ago.
    this.#files.delete(path);
    this.#files.set(path, opening);
    try {
      const file = await opening;
      await this.#closeUnused();
      return file;
    } catch (error) {
      this.#files.delete(path);
      throw error;
    }
  }

  async #closeUnused(): Promise<void> {
    const [oldest] = this.#files;
    if (this.#files.size <= MOST_OPEN || oldest === undefined) return;
    this.#files.delete(oldest[0]);
    await (await oldest[1]).close();
  }
}

/** What DuckDB says, in words of the catalogue. */
function explained(error: unknown): unknown {
  if (TendrilError.is(error) || !(error instanceof Error)) return error;
  if (/out of memory/i.test(error.message))
    return new TendrilError(
      'OVERLOADED',
      { setting: 'memoryMegabytes', expected: 'more memory for the columnar copy, or a smaller question' },
      { cause: error },
    );
  if (/no space left|disk full/i.test(error.message)) return new TendrilError('STORE_FULL', { store: 'columnar copy' }, { cause: error });
  return new TendrilError('STORE_UNAVAILABLE', { store: 'columnar copy' }, { cause: error });
}

async function pathOf(call: Call): Promise<string> {
  return join(await call.folder(), 'events.duckdb');
}

function limitsOf({ settings }: Call): FileLimits {
  const { memoryMegabytes, threads } = settings as Partial<FileLimits>;
  return { memoryMegabytes: memoryMegabytes ?? DEFAULT_LIMITS.memoryMegabytes, threads: threads ?? DEFAULT_LIMITS.threads };
}

function answerTo(question: AnalyticsQuestion, snapshot: Snapshot, zone: string): Promise<AnalyticsAnswers[keyof AnalyticsAnswers]> {
  const query = new Query(snapshot);
  switch (question.ask) {
    case 'count':
    case 'number':
    case 'uniques':
      return askMeasure(query, question, zone);
    case 'breakdown':
      return askBreakdown(query, question);
    case 'funnel':
      return askFunnel(query, question, snapshot.connection);
    case 'retention':
      return askRetention(query, question, zone);
    case 'paths':
      return askPaths(query, question, snapshot.dictionary);
    case 'sessions':
      return askSessions(query, question, zone);
    case 'pages':
      return askPages(query, question);
    case 'names':
      return askNames(query, question, snapshot.dictionary);
  }
}
