import type { Dialect } from '../migrations/dialect.ts';

const JOB_COLUMNS =
  'is_dead, kind, priority, due_at, job_order, attempts, fence, deaths, holder, again_at, wake_at, gates, passed, waits_at, not_before, codec, key_id, payload, error';

/** The statements of the state, as constants, so that each is prepared once. */
export function createStateSql(dialect: Dialect) {
  const jobColumns = JOB_COLUMNS.split(', ');
  const gateColumns = ['held', 'let_in', 'waiting', 'most', 'free_at'];
  const row = (count: number): string => Array.from({ length: count }, () => '?').join(', ');
  const page = (order: 'ASC' | 'DESC', where: string): string =>
    `SELECT i.entry, i.record_key, r.version, r.codec, r.key_id, r.payload FROM index_entries i
     JOIN records r ON r.tenant_no = i.tenant_no AND r.table_no = ? AND r.record_key = i.record_key
     WHERE i.tenant_no = ? AND i.index_no = ? AND ${where} ORDER BY i.entry ${order}, i.record_key ${order} LIMIT ?`;
  const keys = (order: 'ASC' | 'DESC'): string =>
    `SELECT record_key, version, codec, key_id, payload FROM records
     WHERE tenant_no = ? AND table_no = ? AND record_key >= ? AND record_key < ? ORDER BY record_key ${order} LIMIT ?`;

  return {
    /** All columns of a job but its key, in the order of `putJob`. */
    jobColumns,

    findTenant: `SELECT tenant_no FROM state_tenants WHERE tenant_id = ?${dialect.forUpdate}`,
    insertTenant: `${dialect.insertIgnore} INTO state_tenants (tenant_id) VALUES (?)`,

    findTable: `SELECT table_no, key_fingerprint FROM state_tables WHERE name = ?${dialect.forUpdate}`,
    insertTable: `${dialect.insertIgnore} INTO state_tables (name, key_fingerprint) VALUES (?, ?)`,
    updateTableKey: 'UPDATE state_tables SET key_fingerprint = ? WHERE table_no = ?',
    anyRecord: 'SELECT 1 AS found FROM records WHERE tenant_no = ? AND table_no = ? LIMIT 1',
    indexesOfTable: `SELECT index_no, name, fingerprint FROM state_indexes WHERE table_no = ?${dialect.forUpdate}`,
    insertIndex: 'INSERT INTO state_indexes (table_no, name, fingerprint) VALUES (?, ?, ?)',
    deleteIndex: 'DELETE FROM state_indexes WHERE index_no = ?',
    tenants: 'SELECT tenant_no, tenant_id FROM state_tenants ORDER BY tenant_no',
    insertRebuild: `${dialect.insertIgnore} INTO state_rebuilds (tenant_no, table_no) VALUES (?, ?)`,
    rebuildsOfTenant: 'SELECT table_no FROM state_rebuilds WHERE tenant_no = ?',
    deleteRebuild: 'DELETE FROM state_rebuilds WHERE tenant_no = ? AND table_no = ?',

    findRecord: `SELECT version, entries FROM records WHERE tenant_no = ? AND table_no = ? AND record_key = ?${dialect.forUpdate}`,
    readRecord: 'SELECT version, codec, key_id, payload FROM records WHERE tenant_no = ? AND table_no = ? AND record_key = ?',
    insertRecord: `${dialect.insertIgnore} INTO records (tenant_no, table_no, record_key, version, codec, key_id, payload, entries) VALUES (${row(8)})`,
    updateRecord: `UPDATE records SET version = ?, codec = ?, key_id = ?, payload = ?, entries = ?
      WHERE tenant_no = ? AND table_no = ? AND record_key = ?`,
    deleteRecord: 'DELETE FROM records WHERE tenant_no = ? AND table_no = ? AND record_key = ?',
    recordsForRebuild: `SELECT record_key, codec, key_id, payload, entries FROM records
      WHERE tenant_no = ? AND table_no = ? AND record_key > ? ORDER BY record_key LIMIT ?`,
    setRecordEntries: 'UPDATE records SET entries = ? WHERE tenant_no = ? AND table_no = ? AND record_key = ?',
    entryOwner: `SELECT record_key FROM index_entries WHERE tenant_no = ? AND index_no = ? AND entry = ? AND record_key <> ? LIMIT 1${dialect.forUpdate}`,
    insertEntry: `${dialect.insertIgnore} INTO index_entries (tenant_no, index_no, entry, record_key) VALUES (?, ?, ?, ?)`,
    deleteEntry: 'DELETE FROM index_entries WHERE tenant_no = ? AND index_no = ? AND entry = ? AND record_key = ?',

    keysAscending: keys('ASC'),
    keysDescending: keys('DESC'),
    tiesAscending: page('ASC', 'i.entry = ? AND i.record_key > ?'),
    tiesDescending: page('DESC', 'i.entry = ? AND i.record_key < ?'),
    rangeAscending: page('ASC', 'i.entry >= ? AND i.entry < ?'),
    rangeDescending: page('DESC', 'i.entry >= ? AND i.entry < ?'),
    entryGroups: `SELECT entry, COUNT(*) AS count FROM index_entries
      WHERE tenant_no = ? AND index_no = ? AND entry >= ? AND entry < ? GROUP BY entry ORDER BY entry LIMIT ?`,

    findCounter: `SELECT value, expires_at FROM counters WHERE tenant_no = ? AND name = ?${dialect.forUpdate}`,
    readCounter: 'SELECT value, expires_at FROM counters WHERE tenant_no = ? AND name = ?',
    putCounter: `INSERT INTO counters (tenant_no, name, value, expires_at) VALUES (?, ?, ?, ?)${dialect.upsert(['tenant_no', 'name'], ['value', 'expires_at'])}`,
    sweepCounters: 'DELETE FROM counters WHERE expires_at <= ?',

    findJob: `SELECT ${JOB_COLUMNS} FROM jobs WHERE tenant_no = ? AND id = ?${dialect.forUpdate}`,
    insertJob: `${dialect.insertIgnore} INTO jobs (tenant_no, id, ${JOB_COLUMNS}) VALUES (${row(2 + jobColumns.length)})`,
    putJob: `INSERT INTO jobs (tenant_no, id, ${JOB_COLUMNS}) VALUES (${row(2 + jobColumns.length)})${dialect.upsert(['tenant_no', 'id'], jobColumns)}`,
    deleteJob: 'DELETE FROM jobs WHERE tenant_no = ? AND id = ?',
    renewJob: 'UPDATE jobs SET due_at = ? WHERE tenant_no = ? AND id = ?',
    // The next pair of tenant and priority that has work, with its earliest due time: walking these skips all other rows.
    firstQueueOfNextTenant:
      'SELECT tenant_no, priority, due_at FROM jobs WHERE is_dead = 0 AND tenant_no > ? ORDER BY is_dead, tenant_no, priority, due_at LIMIT 1',
    nextQueueOfTenant:
      'SELECT tenant_no, priority, due_at FROM jobs WHERE is_dead = 0 AND tenant_no = ? AND priority > ? ORDER BY is_dead, tenant_no, priority, due_at LIMIT 1',
    dueJobs: (kinds: number): string =>
      `SELECT id FROM jobs WHERE is_dead = 0 AND tenant_no = ? AND priority = ? AND due_at <= ?${
        kinds === 0 ? '' : ` AND kind IN (${row(kinds)})`
      } ORDER BY due_at, job_order, id LIMIT ?`,
    lastFence: `SELECT last_fence FROM job_fence WHERE fence_no = 1${dialect.forUpdate}`,
    setLastFence: 'UPDATE job_fence SET last_fence = ? WHERE fence_no = 1',
    addToCount: `INSERT INTO job_counts (tenant_no, kind, is_dead, jobs) VALUES (?, ?, ?, ?)${dialect.addTo(['tenant_no', 'kind', 'is_dead'], 'jobs')}`,
    countJobs: `SELECT t.tenant_id, c.kind, c.is_dead, c.jobs FROM job_counts c JOIN state_tenants t ON t.tenant_no = c.tenant_no
      WHERE c.jobs <> 0 ORDER BY t.tenant_id, c.kind, c.is_dead`,
    deadJobs:
      'SELECT id, kind, due_at, codec, key_id, error FROM jobs WHERE is_dead = 1 AND tenant_no = ? ORDER BY due_at DESC, id LIMIT ?',

    findGate: `SELECT held, let_in, waiting, most, free_at FROM job_gates WHERE tenant_no = ? AND gate = ?${dialect.forUpdate}`,
    readGate: 'SELECT held, let_in, waiting, most, free_at FROM job_gates WHERE tenant_no = ? AND gate = ?',
    putGate: `INSERT INTO job_gates (tenant_no, gate, ${gateColumns.join(', ')}) VALUES (${row(2 + gateColumns.length)})${dialect.upsert(['tenant_no', 'gate'], gateColumns)}`,
    deleteGate: 'DELETE FROM job_gates WHERE tenant_no = ? AND gate = ?',
    // Only throttles have a time.
    sweepGates: 'DELETE FROM job_gates WHERE free_at <= ?',
    insertParked: `INSERT INTO parked_jobs (tenant_no, gate, priority, due_at, job_order, job_id) VALUES (${row(6)})`,
    nextParked: `SELECT priority, due_at, job_order, job_id FROM parked_jobs WHERE tenant_no = ? AND gate = ?
      ORDER BY priority, due_at, job_order, job_id LIMIT ?${dialect.forUpdate}`,
    deleteParked:
      'DELETE FROM parked_jobs WHERE tenant_no = ? AND gate = ? AND priority = ? AND due_at = ? AND job_order = ? AND job_id = ?',

    insertOutbox: 'INSERT INTO outbox (tenant_no, codec, key_id, payload) VALUES (?, ?, ?, ?)',
    takeOutbox: 'SELECT id, tenant_no, codec, key_id, payload FROM outbox WHERE id > ? ORDER BY id LIMIT ?',
    deleteOutbox: 'DELETE FROM outbox WHERE id = ?',
  };
}

/** What `createStateSql` makes. */
export type StateSql = ReturnType<typeof createStateSql>;
