import type { Dialect } from './dialect.ts';
import type { Migration } from './migration.ts';

/** The first schema: the log with its heads and dedupe tables; records, index entries, counters, jobs and outbox of the state. */
export const initial: Migration = {
  id: '0001-initial',

  // An event's id is tenant_no * 2^33 + position: one integer key instead of two columns, in position order per tenant.
  log: (dialect: Dialect) => [
    `CREATE TABLE log_heads (
      tenant_no ${dialect.integer} NOT NULL PRIMARY KEY, tenant_id ${dialect.text(200)} NOT NULL UNIQUE, position ${dialect.integer} NOT NULL
    )${dialect.plain}`,
    `CREATE TABLE log_names (name_no ${dialect.countedId}, name ${dialect.text(700)} NOT NULL UNIQUE)${dialect.plain}`,
    `CREATE TABLE events (
      id ${dialect.integer} NOT NULL PRIMARY KEY, message_id ${dialect.text(700)} NOT NULL,
      kind_no ${dialect.integer} NOT NULL, name_no ${dialect.integer} NOT NULL, app_no ${dialect.integer} NOT NULL,
      occurred_at ${dialect.integer} NOT NULL, received_at ${dialect.integer} NOT NULL, person ${dialect.bytes(16)},
      codec ${dialect.integer} NOT NULL, key_id ${dialect.integer} NOT NULL, payload ${dialect.longBytes} NOT NULL
    )${dialect.plain}`,
    `CREATE INDEX events_person ON events (person, id)${dialect.name === 'sqlite' ? ' WHERE person IS NOT NULL' : ''}`,
    ...['dedupe_0', 'dedupe_1'].map(
      (table) =>
        `CREATE TABLE ${table} (digest ${dialect.bytes(16)} NOT NULL PRIMARY KEY, position ${dialect.integer} NOT NULL)${dialect.clustered}`,
    ),
    `CREATE TABLE dedupe_turn (turn_no ${dialect.integer} NOT NULL PRIMARY KEY, active ${dialect.integer} NOT NULL, since ${dialect.integer} NOT NULL)${dialect.plain}`,
    'INSERT INTO dedupe_turn (turn_no, active, since) VALUES (1, 0, 0)',
  ],

  state: (dialect: Dialect) => [
    `CREATE TABLE state_tenants (tenant_no ${dialect.countedId}, tenant_id ${dialect.text(200)} NOT NULL UNIQUE)${dialect.plain}`,
    `CREATE TABLE state_tables (table_no ${dialect.countedId}, name ${dialect.text(200)} NOT NULL UNIQUE, key_fingerprint ${dialect.text(700)} NOT NULL)${dialect.plain}`,
    `CREATE TABLE state_indexes (
      index_no ${dialect.countedId}, table_no ${dialect.integer} NOT NULL, name ${dialect.text(200)} NOT NULL, fingerprint ${dialect.longBytes} NOT NULL,
      UNIQUE (table_no, name)
    )${dialect.plain}`,
    `CREATE TABLE state_rebuilds (
      tenant_no ${dialect.integer} NOT NULL, table_no ${dialect.integer} NOT NULL, PRIMARY KEY (tenant_no, table_no)
    )${dialect.clustered}`,
    `CREATE TABLE records (
      tenant_no ${dialect.integer} NOT NULL, table_no ${dialect.integer} NOT NULL, record_key ${dialect.bytes(200)} NOT NULL,
      version ${dialect.integer} NOT NULL, codec ${dialect.integer} NOT NULL, key_id ${dialect.integer} NOT NULL,
      payload ${dialect.longBytes} NOT NULL, entries ${dialect.longBytes} NOT NULL,
      PRIMARY KEY (tenant_no, table_no, record_key)
    )${dialect.clustered}`,
    `CREATE TABLE index_entries (
      tenant_no ${dialect.integer} NOT NULL, index_no ${dialect.integer} NOT NULL, entry ${dialect.bytes(1_024)} NOT NULL,
      record_key ${dialect.bytes(200)} NOT NULL,
      PRIMARY KEY (tenant_no, index_no, entry, record_key)
    )${dialect.clustered}`,
    `CREATE TABLE counters (
      tenant_no ${dialect.integer} NOT NULL, name ${dialect.bytes(16)} NOT NULL, value ${dialect.real} NOT NULL, expires_at ${dialect.integer},
      PRIMARY KEY (tenant_no, name)
    )${dialect.clustered}`,
    `CREATE TABLE jobs (
      tenant_no ${dialect.integer} NOT NULL, id ${dialect.text(255)} NOT NULL, is_dead ${dialect.integer} NOT NULL, kind ${dialect.text(200)} NOT NULL,
      priority ${dialect.integer} NOT NULL, due_at ${dialect.integer} NOT NULL, attempts ${dialect.integer} NOT NULL,
      fence ${dialect.integer} NOT NULL, holder ${dialect.text(200)}, again_at ${dialect.integer}, wake_at ${dialect.integer},
      codec ${dialect.integer} NOT NULL, key_id ${dialect.integer} NOT NULL, payload ${dialect.longBytes}, error ${dialect.longBytes},
      PRIMARY KEY (tenant_no, id)
    )${dialect.clustered}`,
    'CREATE INDEX jobs_due ON jobs (is_dead, tenant_no, priority, due_at)',
    `CREATE TABLE job_fence (fence_no ${dialect.integer} NOT NULL PRIMARY KEY, last_fence ${dialect.integer} NOT NULL)${dialect.plain}`,
    // 1 is the fence of jobs that are born claimed.
    'INSERT INTO job_fence (fence_no, last_fence) VALUES (1, 1)',
    `CREATE TABLE outbox (
      id ${dialect.countedId}, tenant_no ${dialect.integer} NOT NULL,
      codec ${dialect.integer} NOT NULL, key_id ${dialect.integer} NOT NULL, payload ${dialect.longBytes} NOT NULL
    )${dialect.plain}`,
  ],
};
