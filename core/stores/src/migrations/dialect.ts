/** What the SQL of the two kinds of database spells differently. */
export interface Dialect {
  readonly name: 'sqlite' | 'mysql';
  /** Bytes of at most so many, fit for an index. */
  bytes(most: number): string;
  /** Text compared byte by byte, of at most so many bytes, fit for an index. */
  text(most: number): string;
  readonly longBytes: string;
  readonly integer: string;
  readonly real: string;
  /** Type and constraint of an id that the database counts. */
  readonly countedId: string;
  /** Behind a table whose rows lie in the order of its primary key. */
  readonly clustered: string;
  /** Behind any other table. */
  readonly plain: string;
  /** Behind a SELECT whose rows are going to be written. */
  readonly forUpdate: string;
  readonly insertIgnore: string;
  /** Behind an INSERT that replaces these columns when the key is there already. */
  upsert(key: readonly string[], columns: readonly string[]): string;
  /** Behind an INSERT that adds to this column when the key is there already. */
  addTo(key: readonly string[], column: string): string;
}

/** SQLite. One connection writes, so nothing needs a row lock. */
export const SQLITE: Dialect = {
  name: 'sqlite',
  bytes: () => 'BLOB',
  text: () => 'TEXT',
  longBytes: 'BLOB',
  integer: 'INTEGER',
  real: 'REAL',
  countedId: 'INTEGER PRIMARY KEY AUTOINCREMENT',
  clustered: ' WITHOUT ROWID',
  plain: '',
  forUpdate: '',
  insertIgnore: 'INSERT OR IGNORE',
  upsert: (key, columns) =>
    ` ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}`,
  addTo: (key, column) => ` ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${column} = ${column} + excluded.${column}`,
};

/** MySQL and what speaks its protocol. Text is kept as bytes: its collations would take `a` and `a ` for the same. */
export const MYSQL: Dialect = {
  name: 'mysql',
  bytes: (most) => `VARBINARY(${String(most)})`,
  text: (most) => `VARBINARY(${String(most)})`,
  longBytes: 'LONGBLOB',
  integer: 'BIGINT',
  real: 'DOUBLE',
  countedId: 'BIGINT PRIMARY KEY AUTO_INCREMENT',
  clustered: ' ENGINE = InnoDB',
  plain: ' ENGINE = InnoDB',
  forUpdate: ' FOR UPDATE',
  insertIgnore: 'INSERT IGNORE',
  upsert: (_key, columns) => ` ON DUPLICATE KEY UPDATE ${columns.map((column) => `${column} = VALUES(${column})`).join(', ')}`,
  addTo: (_key, column) => ` ON DUPLICATE KEY UPDATE ${column} = ${column} + VALUES(${column})`,
};
