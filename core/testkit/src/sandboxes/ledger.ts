import Database from 'better-sqlite3';

/** One of the services that the sandboxes play. */
export type ServiceName = 'salesforce' | 'hubspot' | 'segment' | 'smtp';

/** A change that a request made at a service. */
export interface Effect {
  readonly id: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** What names this piece of work at the service: an external id, an e-mail, a message id. */
  readonly key: string;
  readonly kind: string;
  readonly objectType: string;
  readonly objectId: string;
  /** What the object was set to, or what was sent. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A request that a service received, whatever became of it. */
export interface LoggedRequest {
  readonly id: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** HTTP status or SMTP reply code; 0 where the connection was dropped. */
  readonly status: number;
  /** The fault that was played, if one was. */
  readonly fault?: string;
}

/** An object that a service holds. */
export interface StoredRecord {
  readonly id: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What a service counted since its last reset. */
export interface Counts {
  readonly requests: number;
  /** How many requests were answered with each status; `0` counts dropped connections. */
  readonly requestsByStatus: Readonly<Record<string, number>>;
  /** Changes of the service's state. */
  readonly effects: number;
  /** Accepted requests that found the state already as they wanted it. */
  readonly repeats: number;
  /** Different keys that had an effect. */
  readonly keys: number;
  /** Keys under which the very same effect took place more than once. */
  readonly doubled: number;
}

const OTHERS_END_WITHIN_MS = 1_500;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS request (id INTEGER PRIMARY KEY, service TEXT NOT NULL, at INTEGER NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, status INTEGER NOT NULL, fault TEXT);
  CREATE INDEX IF NOT EXISTS request_by_service ON request (service, id);
  CREATE TABLE IF NOT EXISTS effect (id INTEGER PRIMARY KEY, service TEXT NOT NULL, at INTEGER NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, object_type TEXT NOT NULL, object_id TEXT NOT NULL, fields TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS effect_by_service ON effect (service, id);
  CREATE INDEX IF NOT EXISTS effect_by_key ON effect (service, key);
  CREATE TABLE IF NOT EXISTS record (service TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL, fields TEXT NOT NULL, PRIMARY KEY (service, type, id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS lookup (service TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (service, field, value, id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS setting (service TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (service, name)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS count (service TEXT NOT NULL, name TEXT NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (service, name)) WITHOUT ROWID;
`;

/** The file that all sandboxes write to. Every commit is on disk before the answer leaves. */
export interface LedgerFile {
  of(service: ServiceName): Ledger;
  close(): void;
}

/** What one sandbox remembers: its objects, what was asked of it and what it did. */
export interface Ledger {
  /** Runs `work` as one transaction, together with whatever else asks at the same time; resolves when it is on disk. */
  commit<Result>(work: () => Result): Promise<Result>;
  recordRequest(request: {
    readonly method: string;
    readonly path: string;
    readonly status: number;
    readonly fault?: string | undefined;
    readonly at: number;
  }): void;
  recordEffect(effect: Omit<Effect, 'id'>): void;
  recordRepeat(): void;
  counts(): Counts;
  /** Newest first. */
  effects(limit: number, before?: number): readonly Effect[];
  /** Newest first. */
  requests(limit: number, before?: number): readonly LoggedRequest[];
  getRecord(type: string, id: string): StoredRecord | undefined;
  /** @param lookups fields by which the record can be found */
  putRecord(type: string, record: StoredRecord, lookups: Readonly<Record<string, string>>): void;
  findRecords(type: string, field: string, value: string): readonly StoredRecord[];
  /** Newest first, as far as ids grow. */
  records(type: string, limit: number, before?: string): readonly StoredRecord[];
  countRecords(type: string): number;
  /** How many requests were recorded; cheaper than all counts. */
  requestCount(): number;
  /** The next of a series of numbers, from 1; durable with the transaction that it is in. */
  nextNumber(name: string): number;
  getSetting(name: string): string | undefined;
  setSetting(name: string, value: string): void;
  deleteSettings(prefix: string): void;
  settings(prefix: string): readonly { readonly name: string; readonly value: string }[];
  /** Forgets objects, requests, effects and settings that begin with `state.`; credentials and tokens stay. */
  reset(): void;
}

interface RequestRow {
  id: number;
  at: number;
  method: string;
  path: string;
  status: number;
  fault: string | null;
}
interface EffectRow {
  id: number;
  at: number;
  key: string;
  kind: string;
  object_type: string;
  object_id: string;
  fields: string;
}
interface RecordRow {
  id: string;
  fields: string;
}

function toEffect(row: EffectRow): Effect {
  return {
    id: row.id,
    at: row.at,
    key: row.key,
    kind: row.kind,
    objectType: row.object_type,
    objectId: row.object_id,
    fields: JSON.parse(row.fields) as Record<string, unknown>,
  };
}

function toRecord(row: RecordRow): StoredRecord {
  return { id: row.id, fields: JSON.parse(row.fields) as Record<string, unknown> };
}

function toRequest({ fault, ...row }: RequestRow): LoggedRequest {
  return fault === null ? row : { ...row, fault };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('the transaction failed', { cause: error });
}

/** Gathers what asks for a commit in one turn of the event loop: one wait for the disk serves them all. */
function createGroupCommit(database: Database.Database): Ledger['commit'] {
  let waiting: { readonly run: () => void; readonly settle: (error?: unknown) => void }[] = [];
  const runAll = database.transaction((group: typeof waiting) => {
    for (const { run } of group) run();
  });
  function flush(): void {
    const group = waiting;
    waiting = [];
    try {
      runAll.immediate(group);
      for (const { settle } of group) settle();
    } catch (error) {
      for (const { settle } of group) settle(error);
    }
  }
  return (work) =>
    new Promise((resolve, reject) => {
      let finish = (): void => undefined;
      // A savepoint of its own: work that fails does not take the others with it.
      const run = database.transaction(() => {
        const result = work();
        finish = () => resolve(result);
      });
      waiting.push({
        run: () => {
          try {
            run();
          } catch (error) {
            finish = () => reject(asError(error));
          }
        },
        settle: (error) => (error === undefined ? finish() : reject(asError(error))),
      });
      if (waiting.length === 1) setImmediate(flush);
    });
}

/** Opens the file, creating it where it is not there. @throws Error when another process has it */
export function openLedgerFile(path: string): LedgerFile {
  const database = new Database(path, { timeout: OTHERS_END_WITHIN_MS });
  // One process a file: a second one would count apart and outlive the first unseen.
  database.pragma('locking_mode = EXCLUSIVE');
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec(SCHEMA);
  const commit = createGroupCommit(database);
  return { of: (service) => createLedger(database, commit, service), close: () => database.close() };
}

function createLedger(database: Database.Database, commit: Ledger['commit'], service: ServiceName): Ledger {
  const insertRequest = database.prepare('INSERT INTO request (service, at, method, path, status, fault) VALUES (?, ?, ?, ?, ?, ?)');
  const insertEffect = database.prepare(
    'INSERT INTO effect (service, at, key, kind, object_type, object_id, fields) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const advance = database.prepare<[string, string], { value: number }>(
    'INSERT INTO count (service, name, value) VALUES (?, ?, 1) ON CONFLICT (service, name) DO UPDATE SET value = value + 1 RETURNING value',
  );
  const readCount = database.prepare<[string, string], { value: number }>('SELECT value FROM count WHERE service = ? AND name = ?');
  const byStatus = database.prepare<[string], { name: string; value: number }>(
    "SELECT name, value FROM count WHERE service = ? AND name LIKE 'status.%'",
  );
  const sameEffects = database.prepare<[string, string, string, string], { n: number }>(
    'SELECT count(*) AS n FROM effect WHERE service = ? AND key = ? AND kind = ? AND fields = ?',
  );
  const effectPage = database.prepare<[string, number, number], EffectRow>(
    'SELECT * FROM effect WHERE service = ? AND id < ? ORDER BY id DESC LIMIT ?',
  );
  const requestPage = database.prepare<[string, number, number], RequestRow>(
    'SELECT id, at, method, path, status, fault FROM request WHERE service = ? AND id < ? ORDER BY id DESC LIMIT ?',
  );
  const underKey = database.prepare<[string, string], { n: number }>('SELECT count(*) AS n FROM effect WHERE service = ? AND key = ?');
  const getRecord = database.prepare<[string, string, string], RecordRow>(
    'SELECT id, fields FROM record WHERE service = ? AND type = ? AND id = ?',
  );
  const putRecord = database.prepare(
    'INSERT INTO record (service, type, id, fields) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET fields = excluded.fields',
  );
  const dropLookups = database.prepare('DELETE FROM lookup WHERE service = ? AND field = ? AND id = ?');
  const putLookup = database.prepare('INSERT OR IGNORE INTO lookup (service, field, value, id) VALUES (?, ?, ?, ?)');
  const findRecords = database.prepare<[string, string, string, string, string], RecordRow>(
    'SELECT r.id, r.fields FROM lookup l JOIN record r ON r.service = ? AND r.type = ? AND r.id = l.id WHERE l.service = ? AND l.field = ? AND l.value = ? ORDER BY r.id',
  );
  const listRecords = database.prepare<[string, string, string, number], RecordRow>(
    'SELECT id, fields FROM record WHERE service = ? AND type = ? AND id < ? ORDER BY id DESC LIMIT ?',
  );
  const countRecords = database.prepare<[string, string], { n: number }>('SELECT count(*) AS n FROM record WHERE service = ? AND type = ?');
  const getSetting = database.prepare<[string, string], { value: string }>('SELECT value FROM setting WHERE service = ? AND name = ?');
  const putSetting = database.prepare(
    'INSERT INTO setting (service, name, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );
  const listSettings = database.prepare<[string, string], { name: string; value: string }>(
    'SELECT name, value FROM setting WHERE service = ? AND instr(name, ?) = 1 ORDER BY name',
  );
  const dropSettings = database.prepare('DELETE FROM setting WHERE service = ? AND instr(name, ?) = 1');
  const resets = ['request', 'effect', 'record', 'lookup', 'count'].map((table) =>
    database.prepare(`DELETE FROM ${table} WHERE service = ?`),
  );
  const last = Number.MAX_SAFE_INTEGER;
  const countOf = (name: string): number => readCount.get(service, name)?.value ?? 0;

  return {
    commit,
    recordRequest({ at, method, path, status, fault }) {
      insertRequest.run(service, at, method, path, status, fault ?? null);
      advance.get(service, 'requests');
      advance.get(service, `status.${String(status)}`);
    },
    requestCount: () => countOf('requests'),
    recordEffect({ at, key, kind, objectType, objectId, fields }) {
      const text = JSON.stringify(fields);
      if (underKey.get(service, key)?.n === 0) advance.get(service, 'keys');
      if (sameEffects.get(service, key, kind, text)?.n === 1) advance.get(service, 'doubled');
      advance.get(service, 'effects');
      insertEffect.run(service, at, key, kind, objectType, objectId, text);
    },
    recordRepeat: () => void advance.get(service, 'repeats'),
    counts: () => ({
      requests: countOf('requests'),
      requestsByStatus: Object.fromEntries(byStatus.all(service).map(({ name, value }) => [name.slice('status.'.length), value])),
      effects: countOf('effects'),
      repeats: countOf('repeats'),
      keys: countOf('keys'),
      doubled: countOf('doubled'),
    }),
    effects: (limit, before = last) => effectPage.all(service, before, limit).map(toEffect),
    requests: (limit, before = last) => requestPage.all(service, before, limit).map(toRequest),
    getRecord(type, id) {
      const row = getRecord.get(service, type, id);
      return row === undefined ? undefined : toRecord(row);
    },
    putRecord(type, record, lookups) {
      putRecord.run(service, type, record.id, JSON.stringify(record.fields));
      for (const [field, value] of Object.entries(lookups)) {
        dropLookups.run(service, `${type}.${field}`, record.id);
        putLookup.run(service, `${type}.${field}`, value, record.id);
      }
    },
    findRecords: (type, field, value) => findRecords.all(service, type, service, `${type}.${field}`, value).map(toRecord),
    records: (type, limit, before = '\u{10FFFF}') => listRecords.all(service, type, before, limit).map(toRecord),
    countRecords: (type) => countRecords.get(service, type)?.n ?? 0,
    nextNumber: (name) => advance.get(service, name)?.value ?? 1,
    getSetting: (name) => getSetting.get(service, name)?.value,
    setSetting: (name, value) => void putSetting.run(service, name, value),
    deleteSettings: (prefix) => void dropSettings.run(service, prefix),
    settings: (prefix) => listSettings.all(service, prefix),
    reset() {
      database
        .transaction(() => {
          for (const statement of resets) statement.run(service);
          dropSettings.run(service, 'state.');
        })
        .immediate();
    },
  };
}
