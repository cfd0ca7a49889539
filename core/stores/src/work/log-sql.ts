import type { Dialect } from '../migrations/dialect.ts';

const READ = 'SELECT id, message_id, codec, key_id, payload FROM events';

/** The statements of the log, as constants, so that each is prepared once. */
export function createLogSql(dialect: Dialect) {
  return {
    findHead: `SELECT tenant_no, position FROM log_heads WHERE tenant_id = ?${dialect.forUpdate}`,
    readHead: 'SELECT position FROM log_heads WHERE tenant_no = ?',
    lockHead: `SELECT position FROM log_heads WHERE tenant_no = ?${dialect.forUpdate}`,
    moveHead: 'UPDATE log_heads SET position = ? WHERE tenant_no = ?',
    lastTenantNo: `SELECT MAX(tenant_no) AS last FROM log_heads${dialect.forUpdate}`,
    insertHead: `${dialect.insertIgnore} INTO log_heads (tenant_no, tenant_id, position) VALUES (?, ?, 0)`,
    heads: 'SELECT tenant_id, position FROM log_heads WHERE position > 0',
    findName: 'SELECT name_no FROM log_names WHERE name = ?',
    findNewName: `SELECT name_no FROM log_names WHERE name = ?${dialect.forUpdate}`,
    insertName: `${dialect.insertIgnore} INTO log_names (name) VALUES (?)`,
    readTurn: 'SELECT active, since FROM dedupe_turn WHERE turn_no = 1',
    lockTurn: `SELECT active, since FROM dedupe_turn WHERE turn_no = 1${dialect.forUpdate}`,
    setTurn: 'UPDATE dedupe_turn SET active = ?, since = ? WHERE turn_no = 1',
    clearDedupe: (table: number): string => `DELETE FROM dedupe_${String(table)}`,
    findDigest: (table: number): string => `SELECT position FROM dedupe_${String(table)} WHERE digest = ?`,
    insertDigest: (table: number): string => `${dialect.insertIgnore} INTO dedupe_${String(table)} (digest, position) VALUES (?, ?)`,
    insertEvent: `INSERT INTO events (id, message_id, kind_no, name_no, app_no, occurred_at, received_at, person, codec, key_id, payload)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    readAfter: `${READ} WHERE id > ? AND id < ? ORDER BY id LIMIT ?`,
    readBefore: `${READ} WHERE id > ? AND id < ? ORDER BY id DESC LIMIT ?`,
    readNameBefore: `${READ} WHERE id > ? AND id < ? AND name_no = ? ORDER BY id DESC LIMIT ?`,
    readPersonBefore: `${READ} WHERE person = ? AND id > ? AND id < ? ORDER BY id DESC LIMIT ?`,
    readOne: `${READ} WHERE id = ?`,
  };
}

/** What `createLogSql` makes. */
export type LogSql = ReturnType<typeof createLogSql>;
