import type { JsonObject } from '@tendril/plugin-api';
import type { Change } from '../../ports.ts';
import type { OpenTenant } from '../../tenants/contract.ts';
import type { Deployed } from '../deployments.ts';
import { jobIdOf } from '../runs/records.ts';
import type { RunRecord } from '../runs/records.ts';
import { RUNS } from '../tables.ts';
import { gateKey, hiddenKey, scopeOf } from './gate-keys.ts';
import { refusalOf } from './new-run.ts';
import { SERIAL_LATEST } from './tables.ts';

/** Which limit on starts kept a run from being started. */
export type AdmissionRefusal = 'rate_limit' | 'serial_overflow';

/** What limits on starts make of a run. */
export type Admission =
  /** `run` is the one to start, with what its end gives back; `changes` are committed with its start, which fails as a whole when somebody was quicker. */
  { readonly run: RunRecord; readonly changes: readonly Change[] } | { readonly refused: AdmissionRefusal };

/** Counters outlive their window: clocks of several processes differ. */
const COUNTER_SLACK_MS = 3_600_000;

/**
 * Decides about one run by `rateLimit` and `serial.max`, for somebody else's changeset. When that fails on a condition,
 * ask again.
 *
 * @throws TendrilError RUN_NOT_STARTED with `details.code` `key_failed`
 */
export async function admit(tenant: OpenTenant, deployed: Deployed, run: RunRecord, now: number): Promise<Admission> {
  const book = new AdmissionBook(tenant, now);
  await book.admitAll([{ deployed, run }]);
  const [failure] = book.failed();
  if (failure !== undefined) throw failure.error;
  const [admitted] = book.admitted();
  const [refusal] = book.refused();
  return admitted === undefined ? { refused: refusal?.code ?? 'serial_overflow' } : { run: admitted, changes: book.changes() };
}

/** A run that somebody wants to start, and by which version. */
export interface Candidate {
  readonly deployed: Deployed;
  readonly run: RunRecord;
}

interface Tally {
  readonly name: string;
  readonly max: number;
  readonly expiresAt?: number;
  /** As it was read, with what this book has added. */
  value: number;
  added: number;
}

interface Bounds extends Candidate {
  readonly rate: Tally | undefined;
  readonly open: Tally | undefined;
  /** Key of the row that says which run was started last. */
  readonly latestId: string | undefined;
}

interface Latest {
  readonly version: number;
  runId: string | undefined;
  isChanged: boolean;
}

/** Decides about several runs that one changeset is to start. */
export class AdmissionBook {
  readonly #tenant: OpenTenant;
  readonly #now: number;
  readonly #tallies = new Map<string, Tally>();
  readonly #latest = new Map<string, Latest>();
  readonly #admitted = new Map<string, { readonly run: RunRecord; readonly rate: Tally | undefined }>();
  readonly #refused: { readonly run: RunRecord; readonly code: AdmissionRefusal }[] = [];
  readonly #failed: { readonly candidate: Candidate; readonly error: unknown }[] = [];
  readonly #replaced: Change[] = [];

  constructor(tenant: OpenTenant, now: number) {
    this.#tenant = tenant;
    this.#now = now;
  }

  /** In the order in which they are to be let in; once for a book. */
  async admitAll(candidates: readonly Candidate[]): Promise<void> {
    const bounded = candidates.flatMap((candidate) => this.#boundsOrFailure(candidate));
    await Promise.all([this.#readTallies(), this.#readLatest(bounded)]);
    for (const each of bounded) await this.#admit(each);
  }

  /** Those of which a key could not be evaluated, with the error RUN_NOT_STARTED. */
  failed(): readonly { readonly candidate: Candidate; readonly error: unknown }[] {
    return this.#failed;
  }

  /** Those to be started. */
  admitted(): readonly RunRecord[] {
    return [...this.#admitted.values()].map(({ run }) => run);
  }

  refused(): readonly { readonly run: RunRecord; readonly code: AdmissionRefusal }[] {
    return this.#refused;
  }

  /** What is committed together with the starts. */
  changes(): readonly Change[] {
    const counts = [...this.#tallies.values()]
      .filter(({ added }) => added > 0)
      .map(({ name, added, max, expiresAt }): Change => ({
        op: 'count',
        counter: name,
        by: added,
        max,
        ...(expiresAt === undefined ? {} : { expiresAt }),
      }));
    const latest = [...this.#latest]
      .filter(([, { isChanged }]) => isChanged)
      .map(([id, { runId, version }]): Change => ({
        op: 'put',
        table: SERIAL_LATEST,
        value: { id, runId: runId ?? '', at: this.#now },
        expect: version,
      }));
    return [...counts, ...this.#replaced, ...latest];
  }

  #boundsOrFailure(candidate: Candidate): readonly Bounds[] {
    try {
      return [this.#boundsOf(candidate)];
    } catch (error) {
      this.#failed.push({ candidate, error });
      return [];
    }
  }

  #boundsOf({ deployed, run }: Candidate): Bounds {
    const { serial } = deployed.compiled.flow;
    const serialKey = serial === undefined ? undefined : run.serialKeys?.at(-1);
    if (serial?.max === undefined || serialKey === undefined)
      return { deployed, run, rate: this.#rateOf(deployed, run), open: undefined, latestId: undefined };
    const hidden = hiddenKey(this.#tenant.keys, `serial/${serialKey}`);
    const open = this.#tally({ name: openCounter(hidden), max: serial.max });
    const latestId = serial.overflow === 'replace' ? hidden : undefined;
    return { deployed, run, rate: this.#rateOf(deployed, run), open, latestId };
  }

  #rateOf({ record, compiled }: Deployed, run: RunRecord): Tally | undefined {
    const { rateLimit } = compiled.flow;
    if (rateLimit === undefined) return undefined;
    const { limit, periodMs, key } = rateLimit;
    const { environment = record.environment, isTest } = run;
    const period = Math.floor(this.#now / periodMs);
    try {
      const shown = gateKey({ pipeline: record.id, environment, isTest }, key, scopeOf(run));
      const name = `_pipelines.rate/${hiddenKey(this.#tenant.keys, `rate/${shown}`)}/${String(periodMs)}/${String(period)}`;
      return this.#tally({ name, max: limit, expiresAt: (period + 1) * periodMs + COUNTER_SLACK_MS });
    } catch (error) {
      throw refusalOf(record.id, error);
    }
  }

  #tally(tally: Pick<Tally, 'name' | 'max' | 'expiresAt'>): Tally {
    const found = this.#tallies.get(tally.name);
    if (found !== undefined) return found;
    const made = { ...tally, value: 0, added: 0 };
    this.#tallies.set(tally.name, made);
    return made;
  }

  async #readTallies(): Promise<void> {
    const tallies = [...this.#tallies.values()];
    if (tallies.length === 0) return;
    const values = await this.#tenant.state.counters(tallies.map(({ name }) => name));
    for (const [index, tally] of tallies.entries()) tally.value = values[index] ?? 0;
  }

  async #readLatest(bounded: readonly Bounds[]): Promise<void> {
    const ids = [...new Set(bounded.flatMap(({ latestId }) => (latestId === undefined ? [] : [latestId])))];
    if (ids.length === 0) return;
    const rows = await this.#tenant.state.get(SERIAL_LATEST, ids);
    for (const [index, id] of ids.entries()) {
      const row = rows[index];
      this.#latest.set(id, { version: row?.version ?? 0, runId: row?.value['runId'] as string | undefined, isChanged: false });
    }
  }

  async #admit({ run, rate, open, latestId }: Bounds): Promise<void> {
    if (rate !== undefined && rate.value >= rate.max) {
      this.#refuse(run, 'rate_limit');
      return;
    }
    if (open !== undefined && open.value >= open.max && !(await this.#makeRoom(run, open, latestId))) {
      this.#refuse(run, 'serial_overflow');
      return;
    }
    if (rate !== undefined) add(rate);
    if (open !== undefined) add(open);
    this.#admitted.set(run.id, { run: open === undefined ? run : { ...run, openCounter: open.name }, rate });
    const latest = latestId === undefined ? undefined : this.#latest.get(latestId);
    if (latest === undefined) return;
    latest.runId = run.id;
    latest.isChanged = true;
  }

  #refuse(run: RunRecord, code: AdmissionRefusal): void {
    this.#refused.push({ run, code });
  }

  /** Takes the place of the run of the key that was started last, if that has not begun. */
  async #makeRoom(by: RunRecord, open: Tally, latestId: string | undefined): Promise<boolean> {
    const runId = latestId === undefined ? undefined : this.#latest.get(latestId)?.runId;
    if (runId === undefined) return false;
    const unborn = this.#admitted.get(runId);
    if (unborn !== undefined) {
      this.#admitted.delete(runId);
      this.#refuse(unborn.run, 'serial_overflow');
      if (unborn.rate !== undefined) take(unborn.rate);
    } else if (!(await this.#replace(runId, by, open))) return false;
    take(open);
    return true;
  }

  async #replace(runId: string, by: RunRecord, open: Tally): Promise<boolean> {
    const { state } = this.#tenant;
    const [row] = await state.get(RUNS, [runId]);
    const record = row?.value as unknown as RunRecord | undefined;
    const isWaiting = record?.endedAt === undefined && record?.cancel === undefined && record?.hasBegun !== true;
    if (row === undefined || record?.openCounter !== open.name || !isWaiting) return false;
    const { openCounter: _place, ...rest } = record;
    const cancel = { mode: 'after_step' as const, reason: `replaced by ${by.id}`, askedAt: this.#now };
    // It gives its place away now: its own end has nothing to give back.
    this.#replaced.push(
      { op: 'put', table: RUNS, value: { ...rest, cancel } as unknown as JsonObject, expect: row.version },
      { op: 'wake', jobId: jobIdOf(runId), dueAt: this.#now, pastGates: true },
    );
    return true;
  }
}

function add(tally: Tally): void {
  tally.value += 1;
  tally.added += 1;
}

function take(tally: Tally): void {
  tally.value -= 1;
  tally.added -= 1;
}

function openCounter(hidden: string): string {
  return `_pipelines.open/${hidden}`;
}

/** What the end of a run gives back: committed together with it. */
export function giveBack({ openCounter: counter }: RunRecord): readonly Change[] {
  return counter === undefined ? [] : [{ op: 'count', counter, by: -1 }];
}
