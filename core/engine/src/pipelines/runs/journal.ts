import { TendrilError } from '@tendril/plugin-api';
import type { Timers } from '../../environment.ts';
import { pause } from '../../environment.ts';
import type { Lease } from '../../jobs/contract.ts';
import type { Change, CommitResult, TenantState } from '../../ports.ts';
import { JOURNAL } from '../tables.ts';
import { blobRemovals, toDisk } from './blobs.ts';
import type { DiskRecord } from './blobs.ts';
import type { FaultPoint } from './fault-points.ts';
import { Abandoned, Superseded } from './outcome.ts';
import { journalKey } from './records.ts';
import type { StepRecord } from './records.ts';

/** What the end of an execution adds to the last commit. */
export interface Closing {
  /** Shows the fence: `finish` or `reschedule`. */
  readonly guard: Change;
  /** Made anew when the run's row was changed meanwhile. */
  changes(): readonly Change[];
  /** Called when one of them did not hold. */
  refresh(): Promise<void>;
}

interface Entry {
  readonly path: string;
  /** `undefined`: what was journalled of the step is removed. */
  readonly record: StepRecord | undefined;
  /** What the action wants written together with its result. */
  readonly changes: readonly Change[] | undefined;
}

const COMMIT_ATTEMPTS = 6;

/** The results of one run: what is on disk, and what goes there with the next commit. One commit at a time. */
export class Journal {
  readonly #runId: string;
  readonly #state: TenantState;
  readonly #lease: Lease;
  readonly #timers: Timers;
  readonly #fault: FaultPoint;
  readonly #onDisk: Map<string, StepRecord>;
  readonly #records: Map<string, StepRecord>;
  readonly #listen: (path: string, record: StepRecord | undefined) => void;
  #entries: Entry[] = [];
  #last: Promise<void> = Promise.resolve();

  #sequence: number | undefined;

  constructor(options: {
    readonly runId: string;
    readonly state: TenantState;
    readonly lease: Lease;
    readonly timers: Timers;
    readonly fault: FaultPoint;
    readonly records: readonly StepRecord[];
    /** Hears of each change of a step, also of one that is taken back. */
    readonly listen: (path: string, record: StepRecord | undefined) => void;
  }) {
    this.#runId = options.runId;
    this.#state = options.state;
    this.#lease = options.lease;
    this.#timers = options.timers;
    this.#fault = options.fault;
    this.#listen = options.listen;
    this.#onDisk = new Map(options.records.map((record) => [record.path, record]));
    this.#records = new Map(this.#onDisk);
  }

  get(path: string): StepRecord | undefined {
    return this.#records.get(path);
  }

  /** All that is known, in no order. */
  records(): Iterable<StepRecord> {
    return this.#records.values();
  }

  /** Number of records that are not on disk yet. */
  get waiting(): number {
    return this.#entries.length;
  }

  /** Grows with each step that ends and can be undone. */
  nextSequence(): number {
    let last = this.#sequence ?? 0;
    if (this.#sequence === undefined) for (const { sequence = 0 } of this.#records.values()) last = Math.max(last, sequence);
    this.#sequence = last + 1;
    return this.#sequence;
  }

  /** Keeps a record for the next commit. `changes` are those of an action: its result is only true when they hold. */
  note(record: StepRecord, changes?: readonly Change[]): void {
    this.#records.set(record.path, record);
    this.#entries.push({ path: record.path, record, changes: changes !== undefined && changes.length > 0 ? changes : undefined });
    this.#listen(record.path, record);
  }

  /** Removes what is known of a step, here now and on disk with the next commit. */
  forget(path: string): void {
    if (!this.#records.delete(path)) return;
    this.#entries.push({ path, record: undefined, changes: undefined });
    this.#listen(path, undefined);
  }

  /**
   * Puts everything kept so far on disk.
   *
   * @throws Abandoned when the lease is lost
   * @throws Superseded when changes of an action did not hold: it has to be done again
   */
  flush(closing?: Closing): Promise<void> {
    if (closing === undefined && this.#entries.length === 0) return this.#last;
    const next = this.#last.then(() => this.#flush(closing));
    // One commit carries what several branches have kept: when it fails, it has failed for each of them, and for what follows.
    this.#last = next;
    next.catch(() => undefined);
    return next;
  }

  /** Goes on after `Superseded`. */
  reopen(): void {
    this.#last = Promise.resolve();
  }

  async #flush(closing: Closing | undefined): Promise<void> {
    const entries = this.#entries;
    if (entries.length === 0 && closing === undefined) return;
    this.#entries = [];
    this.#fault('step.before-journal');
    const [refused, reason] = await this.#write(entries, closing);
    if (refused === undefined && reason === undefined) {
      this.#fault('step.after-journal');
      return;
    }
    if (refused === undefined) {
      // The run's own row was changed by somebody else, by a person's decision for instance: write over its new version.
      this.#entries = [...entries, ...this.#entries];
      await closing?.refresh();
      return this.#flush(closing);
    }
    await this.#takeBack(entries, refused);
    throw new Superseded();
  }

  /** @returns the entry whose changes did not hold; nothing but a reason when it was the closing */
  async #write(entries: readonly Entry[], closing: Closing | undefined): Promise<readonly [Entry | undefined, string | undefined]> {
    const { claim } = this.#lease;
    const changes: Change[] = [closing?.guard ?? { op: 'held', jobId: claim.id, fence: claim.fence }];
    const owners: (Entry | undefined)[] = [undefined];
    const add = (entry: Entry, change: Change): void => {
      changes.push(change);
      owners.push(entry);
    };
    const written: DiskRecord[] = [];
    const lastByPath = new Map(entries.map((entry) => [entry.path, entry]));
    for (const entry of lastByPath.values()) {
      const before = this.#onDisk.get(entry.path);
      if (entry.record === undefined) {
        add(entry, { op: 'delete', table: JOURNAL, key: journalKey(this.#runId, entry.path) });
        for (const change of blobRemovals(before)) add(entry, change);
        continue;
      }
      const disk = toDisk(entry.record, before);
      written.push(disk);
      add(entry, { op: 'put', table: JOURNAL, value: disk.row });
      for (const change of disk.changes) add(entry, change);
    }
    for (const entry of entries) for (const change of entry.changes ?? []) add(entry, change);
    changes.push(...(closing?.changes() ?? []));
    const result = await this.#commit(changes);
    if (result.ok) {
      for (const { path, record } of lastByPath.values()) if (record === undefined) this.#onDisk.delete(path);
      for (const { kept } of written) this.#onDisk.set(kept.path, kept);
      return [undefined, undefined];
    }
    if (result.failed === 0) throw new Abandoned('the lease is lost');
    return [owners[result.failed], result.reason];
  }

  /** A store that is away for a moment must not cost a result: the call behind it has been made. */
  async #commit(changes: readonly Change[]): Promise<CommitResult> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#state.commit(changes);
      } catch (error) {
        const mayPass = TendrilError.is(error) && (error.code === 'STORE_UNAVAILABLE' || error.code === 'STORE_FULL');
        if (!mayPass || attempt >= COMMIT_ATTEMPTS) throw error;
        if (this.#lease.signal.aborted) throw new Abandoned('the lease is lost');
        await pause(this.#timers, 50 * 2 ** attempt, this.#lease.signal);
      }
    }
  }

  /** Forgets the refused result and what was computed after it; results of other actions are still true and go to disk. */
  async #takeBack(entries: readonly Entry[], refused: Entry): Promise<void> {
    const at = entries.indexOf(refused);
    const kept = entries.filter((entry, index) => entry !== refused && (index < at || isOfCall(entry)));
    const lost = new Set(entries.filter((entry) => !kept.includes(entry)).map(({ path }) => path));
    for (const path of lost) this.#restore(path);
    if (kept.length === 0) return;
    const [again] = await this.#write(kept, undefined);
    if (again !== undefined) await this.#takeBack(kept, again);
  }

  #restore(path: string): void {
    const record = this.#onDisk.get(path);
    if (record === undefined) this.#records.delete(path);
    else this.#records.set(path, record);
    this.#listen(path, record);
  }
}

/** What a call came to is true whatever else was not: it was begun when everything before it was on disk. */
function isOfCall({ record, changes }: Entry): boolean {
  return changes !== undefined || (record?.kind === 'action' && (record.state === 'succeeded' || record.state === 'failed'));
}
