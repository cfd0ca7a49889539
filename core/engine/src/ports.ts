import type { Aggregate, AggregateQuery, JsonObject, Page, Row, TableQuery } from '@tendril/plugin-api';

/**
 * What the engine needs of a store. Ports are asynchronous and batched; there is no interactive transaction: a unit of
 * work is a list of changes, built in memory and committed at once (docs/adr/0003).
 */

/** The keys of one tenant, unwrapped. Stores seal payloads with the current data key and hash identities with the index key. */
export interface TenantKeys {
  readonly tenantId: string;
  /** Id of the data key that seals what is written from now on. */
  readonly currentKeyId: number;
  /** All data keys that may be needed to open what was written before; 32 bytes each, by id. */
  readonly dataKeys: Readonly<Record<number, Uint8Array>>;
  /** 32 bytes; keys the HMAC over identities and personal index fields. Never rotated. */
  readonly indexKey: Uint8Array;
}

// ---------------------------------------------------------------- the log

/** An event about to be appended. */
export interface NewEvent {
  readonly messageId: string;
  readonly kind: string;
  readonly name: string;
  readonly appId: string;
  readonly occurredAt: number;
  readonly receivedAt: number;
  /** `userId:…` or `anonymousId:…` of the person; hashed by the store; missing on events without a person. */
  readonly person?: string;
  /** The whole event but position, as JSON; sealed by the store. */
  readonly payload: string;
}

/** What became of an appended event. A duplicate has the position of the first. */
export interface Appended {
  readonly position: number;
  readonly isDuplicate: boolean;
}

/** An event as read back. */
export interface StoredEvent {
  readonly position: number;
  readonly payload: string;
}

/** The event log of one tenant. */
export interface TenantLog {
  /**
   * Resolves when all are on disk. Drops those whose message id was appended in the last 24 hours at least.
   * Concurrent appends, of other tenants too, share one commit.
   *
   * @throws TendrilError STORE_UNAVAILABLE, STORE_FULL; then nothing of this call is on disk
   */
  append(events: readonly NewEvent[]): Promise<readonly Appended[]>;
  /** In position order, from `after` (exclusive). */
  read(after: number, limit: number): Promise<readonly StoredEvent[]>;
  /** Those of one person, newest first, below `before` (exclusive). */
  readPerson(people: readonly string[], limit: number, before?: number): Promise<readonly StoredEvent[]>;
  /** Newest first, below `before` (exclusive), optionally of one name. */
  readLatest(limit: number, before?: number, name?: string): Promise<readonly StoredEvent[]>;
  get(positions: readonly number[]): Promise<readonly (StoredEvent | undefined)[]>;
  /** The last position, 0 when empty. */
  head(): Promise<number>;
}

/** The log of an installation. */
export interface LogStore {
  /** The repository of one tenant; cheap to call again. */
  tenant(keys: TenantKeys): TenantLog;
  /** Calls back after each local append with the tenant and its new head; other processes' appends are found by polling `heads`. */
  onAppend(listener: (tenantId: string, head: number) => void): () => void;
  heads(): Promise<ReadonlyMap<string, number>>;
  /** Writes a consistent copy while the store is in use. SQLite: a file; MySQL: a portable dump file. */
  backup(path: string): Promise<void>;
  /** Size on disk and queue of the writer, for metrics and backpressure. */
  status(): LogStatus;
  close(): Promise<void>;
}

/** How much waits for the writer, in events and bytes. */
export interface LogStatus {
  readonly waitingEvents: number;
  readonly waitingBytes: number;
}

// ---------------------------------------------------------------- state

/**
 * One table of records: of a plugin's manifest (`leads.leads`) or of an engine's room (`_pipelines.definitions`).
 * There is no SQL table behind each: records and index entries live in two physical tables (docs/adr/0003).
 */
export interface TableSpec {
  readonly name: string;
  /** Field of the value that holds the key: a string of at most 200 bytes. */
  readonly key: string;
  readonly indexes: Readonly<Record<string, IndexSpec>>;
  /** Fields that are kept as keyed hashes wherever they are a key or in an index. */
  readonly personal: readonly string[];
}

/** Fields that a table's key and its indexes are made of. */
export function indexedFields({ key, indexes }: TableSpec): readonly string[] {
  return [key, ...Object.values(indexes).flatMap(({ fields }) => fields)];
}

/** Fields in order. Missing fields index as null; a unique index ignores rows in which any field is null. An array field indexes each element. */
export interface IndexSpec {
  readonly fields: readonly string[];
  readonly unique?: boolean;
}

/** A piece of work that is due at some time. */
export interface NewJob {
  /** Unique in the tenant: `run:…`, `consumer:…`. */
  readonly id: string;
  readonly kind: string;
  /** 0 is done first, 9 last; 5 unless there is a reason. */
  readonly priority: number;
  /** Epoch milliseconds. */
  readonly dueAt: number;
  /** Small; sealed. */
  readonly payload?: JsonObject;
  /** Born already claimed by this worker, so that it can start without another commit. The fence is then 1. Not together with `gates`. */
  readonly claimedBy?: { readonly workerId: string; readonly leaseMs: number };
  /** Among jobs of one priority and due time the lower goes first: the position of the event that caused it; 0 unless told. */
  readonly order?: number;
  /** What it has to pass before it is claimed. */
  readonly gates?: readonly JobGate[];
}

/**
 * A limit that the store decides when it claims a job, so that it holds over all workers. Keys are kept as keyed hashes.
 * A job that does not pass waits without being looked at again, in the order of priority, due time and `order`, until
 * somebody leaves the gate.
 */
export type JobGate =
  /** At most `limit` jobs of the key are held at a time. One that is put back leaves its place; one whose holder died keeps it until it is claimed again. */
  | { readonly kind: 'concurrency'; readonly key: string; readonly limit: number }
  /** One job of the key after another: from its first claim to its end (`finish` or `bury`), also while it sleeps in between. */
  | { readonly kind: 'serial'; readonly key: string }
  /** First claims of the key are spread: `burst` at once, then `limit` in each `periodMs` (GCRA). Later claims of the job pass. */
  | { readonly kind: 'throttle'; readonly key: string; readonly limit: number; readonly periodMs: number; readonly burst: number };

/** Writes a row. `expect`: the version read before, 0 for "must not exist"; without it the write is unconditional. */
export interface PutRow {
  readonly op: 'put';
  readonly table: TableSpec;
  readonly value: JsonObject;
  readonly expect?: number;
  /** Of a row that is at hand as text: that, and of its members those that its key and its indexes are made of. */
  readonly text?: { readonly json: string; readonly members: JsonObject };
}

/** One conditional write of a changeset. All conditions hold, or nothing of the changeset is written. */
export type Change =
  | PutRow
  | { readonly op: 'delete'; readonly table: TableSpec; readonly key: string; readonly expect?: number }
  /** Adds to a counter unless the sum would exceed `max`; the counter is gone after `expiresAt` (epoch milliseconds). */
  | { readonly op: 'count'; readonly counter: string; readonly by: number; readonly max?: number; readonly expiresAt?: number }
  /** `ifAbsent`: an existing job of that id is left as it is; otherwise it is moved to the earlier due time. */
  | { readonly op: 'job'; readonly job: NewJob; readonly ifAbsent?: boolean }
  /** Condition: the lease of that job is still held under that fence. */
  | { readonly op: 'held'; readonly jobId: string; readonly fence: number }
  /** The next four are conditional on the fence as `held` is. */
  | { readonly op: 'finish'; readonly jobId: string; readonly fence: number }
  | {
      readonly op: 'reschedule';
      readonly jobId: string;
      readonly fence: number;
      readonly dueAt: number;
      readonly attempts: number;
      readonly payload?: JsonObject;
    }
  | { readonly op: 'bury'; readonly jobId: string; readonly fence: number; readonly error: JsonObject }
  /**
   * Makes a job due now that sleeps or is buried, whoever holds it not. `pastGates`: also one that waits at a gate; unless
   * it is held it goes through all gates from here on, and takes no place. For work that only ends.
   */
  | { readonly op: 'wake'; readonly jobId: string; readonly dueAt: number; readonly pastGates?: boolean }
  /** To the outbox; the engine appends it to the log and removes it. */
  | { readonly op: 'emit'; readonly event: NewEvent };

/** What a commit came to. `failed` is the index of the first change whose condition did not hold. */
export type CommitResult =
  { readonly ok: true } | { readonly ok: false; readonly failed: number; readonly reason: 'version' | 'unique' | 'fence' | 'limit' };

/** The state of one tenant. */
export interface TenantState {
  /** In the order of the keys. */
  get(table: TableSpec, keys: readonly string[]): Promise<readonly (Row | undefined)[]>;
  query(table: TableSpec, query: TableQuery): Promise<Page<Row>>;
  aggregate(table: TableSpec, query: AggregateQuery): Promise<readonly Aggregate[]>;
  /** Values of counters, 0 for those that never were or have expired. */
  counters(names: readonly string[]): Promise<readonly number[]>;
  /**
   * Commits the changes in their order, on disk when it resolves. Concurrent commits, of other tenants too, share one
   * transaction of the store but fail one by one.
   *
   * @throws TendrilError STORE_UNAVAILABLE, STORE_FULL; then nothing of this changeset is on disk
   */
  commit(changes: readonly Change[]): Promise<CommitResult>;
}

/** A job that a worker holds until `leaseUntil`. */
export interface Claim {
  readonly tenantId: string;
  readonly id: string;
  readonly kind: string;
  readonly priority: number;
  readonly attempts: number;
  /** How many leases of it ran out in a row before this one, without any write by their holders; 0 unless told. */
  readonly deaths?: number;
  readonly payload: JsonObject;
  /** Every later write of this piece of work must show it. Grows with every claim. */
  readonly fence: number;
  /** In milliseconds of the store's own clock. */
  readonly leaseUntil: number;
}

/** What renewing came to; ids as `tenantId/jobId`. */
export interface Renewed {
  /** Still held; the others were lost. */
  readonly held: ReadonlySet<string>;
  /** Of those held: somebody asked to wake them since they were claimed, because something about them has changed. */
  readonly woken: ReadonlySet<string>;
}

/** How busy a gate is. */
export interface GateStatus {
  /** Jobs that are inside. */
  readonly held: number;
  /** Jobs that wait in front of it. */
  readonly waiting: number;
}

/** Due work of all tenants: the one repository that is not made for a tenant, for workers only. */
export interface JobQueue {
  /**
   * Takes jobs that are due, also those whose lease ran out: per tenant highest priority first, then oldest; tenants in
   * turn, so that one tenant's backlog does not hold up another's.
   */
  claimDue(
    workerId: string,
    options: { readonly limit: number; readonly leaseMs: number; readonly kinds?: readonly string[] },
  ): Promise<readonly Claim[]>;
  renew(claims: readonly Claim[], leaseMs: number): Promise<Renewed>;
  /** When the next job is due, in epoch milliseconds; `undefined` when nothing waits. */
  nextDueAt(): Promise<number | undefined>;
  /** Calls back when a local commit made a job due earlier than the listener may expect. */
  onDue(listener: (dueAt: number) => void): () => void;
  counts(): Promise<
    readonly { readonly tenantId: string; readonly kind: string; readonly state: 'waiting' | 'dead'; readonly count: number }[]
  >;
  /** Of `concurrency` and `serial` gates, in the order of the keys. */
  gates(tenantId: string, gates: readonly Pick<JobGate, 'kind' | 'key'>[]): Promise<readonly GateStatus[]>;
  /** Dead letters of a tenant, newest first. */
  dead(
    tenantId: string,
    limit: number,
  ): Promise<readonly { readonly id: string; readonly kind: string; readonly error: JsonObject; readonly buriedAt: number }[]>;
}

/** What kind of process does a job: `worker` what is to be done at once, `scheduler` what keeps time for others. */
export type WorkRole = 'worker' | 'scheduler';

/**
 * Tells workers of other processes that work is due. What gets lost costs time only: each worker also looks by itself.
 * Embedded there is none: one process knows what it commits.
 */
export interface WakeUps {
  /** A commit of this process has made a job due at `dueAt` (epoch milliseconds). Called often; the driver gathers. Never throws. */
  publish(dueAt: number): void;
  /**
   * Calls back when another process may have made work due: one of those that listen for each wake-up, so that the work
   * is not asked for by all. Whoever then leaves work behind publishes again.
   */
  onWake(listener: () => void): () => void;
  /** While false, wake-ups are left to others: a worker without room would only swallow them. True from the beginning. */
  setReceiving(isReceiving: boolean): void;
  /** Tells all other processes how far the log of a tenant has grown. Called often; the driver gathers. Never throws. */
  announceHead(tenantId: string, head: number): void;
  /** Calls back for what other processes announced. */
  onHead(listener: (tenantId: string, head: number) => void): () => void;
  /** False while the server cannot be reached: workers then live by looking. */
  isConnected(): boolean;
  close(): Promise<void>;
}

/** An event of the outbox. */
export interface OutboxItem {
  readonly id: number;
  readonly tenantId: string;
  readonly event: NewEvent;
}

/** The state of an installation. */
export interface StateStore {
  /** Makes the tables known; rebuilds the entries of an index whose definition changed. Call before use. */
  defineTables(tables: readonly TableSpec[]): Promise<void>;
  /** The repository of one tenant; cheap to call again. */
  tenant(keys: TenantKeys): TenantState;
  readonly jobs: JobQueue;
  readonly outbox: {
    /** Oldest first, of all tenants whose keys the store has seen. */
    take(limit: number): Promise<readonly OutboxItem[]>;
    remove(ids: readonly number[]): Promise<void>;
    onEmit(listener: () => void): () => void;
  };
  /** Size of the rest of the world's questions: commits that wait. */
  status(): { readonly waitingCommits: number };
  backup(path: string): Promise<void>;
  close(): Promise<void>;
}

/** Both stores of an installation. Tenant ids are those of `tenants/`; the hub's own state is the tenant `_hub`. */
export interface Stores {
  readonly log: LogStore;
  readonly state: StateStore;
}
