import { BOOLEAN, DOUBLE, DuckDBDataChunk, VARCHAR } from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import type { AnalyticsBatch, AnalyticsEvent, PersonLink } from '@tendril/plugin-api';
import type { Dictionary } from './dictionary.ts';
import { FIXED_COLUMNS } from './layout.ts';
import { personHash } from './person-hash.ts';

type Value = string | number | boolean | null;

interface Column {
  readonly name: string;
  readonly type: DuckDBType;
  readonly values: Value[];
}

/** Of merges of merged people; each round doubles what has been followed. */
const LONGEST_CHAIN = 64;
/** Names of properties that are left out, of which each is counted; anybody may send as many as they like. */
const MOST_LEFT_OUT = 1_000;
/** Stands for all further ones: no property is called so. */
const OTHERS = '';
/** As many rows as a chunk holds. */
const CHUNK = 2_048;
const TYPES: Readonly<Record<string, DuckDBType>> = { BIGINT: DOUBLE, INTEGER: DOUBLE, DOUBLE, VARCHAR, BOOLEAN };
const TYPE_OF = { number: DOUBLE, text: VARCHAR, boolean: BOOLEAN } as const;

/** Adds a batch whose events the file does not hold yet, and moves the position, in one transaction. */
export async function appendBatch(
  connection: DuckDBConnection,
  dictionary: Dictionary,
  batch: AnalyticsBatch,
  position: number,
): Promise<void> {
  const events = batch.events.filter((event) => event.position > position);
  const leftOut = new Map<string, number>();
  const columns = shred(events, dictionary, leftOut);
  await connection.run('BEGIN TRANSACTION');
  try {
    await dictionary.write(connection);
    if (events.length > 0) await insert(connection, columns, events.length);
    await countLeftOut(connection, leftOut);
    await link(
      connection,
      batch.links.filter((one) => one.position > position),
    );
    for (const moved of batch.people ?? [])
      await connection.run(`UPDATE events SET person = ${personHash(moved.person)} WHERE position = ${moved.position}`);
    await connection.run(`UPDATE copy SET position = ${batch.through}`);
    await connection.run('COMMIT');
  } catch (error) {
    // A transaction that failed on the disk may be gone already.
    await connection.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

function shred(events: readonly AnalyticsEvent[], dictionary: Dictionary, leftOut: Map<string, number>): readonly Column[] {
  const columns = new Map<string, Column>();
  const column = (name: string, type: DuckDBType): Column => {
    const known = columns.get(name);
    if (known !== undefined) return known;
    const made = { name, type, values: new Array<Value>(events.length).fill(null) };
    columns.set(name, made);
    return made;
  };
  const fixed = FIXED_COLUMNS.map(([name, type]) => column(name, TYPES[type] ?? VARCHAR));
  for (const [row, event] of events.entries()) {
    const name = dictionary.addName(event.name);
    for (const [i, value] of fixedValues(event, name).entries()) {
      const known = fixed[i];
      if (known !== undefined && value !== undefined) known.values[row] = value;
    }
    for (const [property, value] of Object.entries(event.properties)) {
      const found = dictionary.addColumn(property, value);
      if (found === undefined) {
        leftOut.set(property, (leftOut.get(property) ?? 0) + 1);
        continue;
      }
      dictionary.addCarried(name, found);
      column(`p${found.id}`, TYPE_OF[found.type]).values[row] = value;
    }
  }
  return [...columns.values()];
}

function fixedValues(event: AnalyticsEvent, name: number): readonly (Value | undefined)[] {
  const { utm } = event;
  return [
    event.position,
    event.occurredAt,
    event.receivedAt,
    name,
    event.kind,
    event.kind === 'track' || event.kind === 'page' || event.kind === 'screen',
    event.appId,
    event.isTest,
    event.person === undefined ? null : personHash(event.person),
    event.isAnonymous,
    event.timeZone,
    event.path,
    event.referrer,
    utm?.source,
    utm?.medium,
    utm?.campaign,
    utm?.term,
    utm?.content,
  ];
}

/** By a table in memory that has only the columns of this batch: a row of the file has hundreds. */
async function insert(connection: DuckDBConnection, columns: readonly Column[], rows: number): Promise<void> {
  const declared = columns.map(({ name, type }) => `${name} ${String(type)}`).join(', ');
  await connection.run(`CREATE OR REPLACE TEMP TABLE batch (${declared})`);
  const appender = await connection.createAppender('batch', 'main', 'temp');
  const types = columns.map(({ type }) => type);
  for (let start = 0; start < rows; start += CHUNK) {
    const count = Math.min(CHUNK, rows - start);
    const chunk = DuckDBDataChunk.create(types, count);
    for (const [i, { values }] of columns.entries()) chunk.setColumnValues(i, values.slice(start, start + count));
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
  const names = columns.map(({ name }) => name).join(', ');
  await connection.run(`INSERT INTO events (${names}) SELECT ${names} FROM temp.batch`);
  await connection.run('DROP TABLE temp.batch');
}

async function countLeftOut(connection: DuckDBConnection, leftOut: ReadonlyMap<string, number>): Promise<void> {
  if (leftOut.size === 0) return;
  const stored = await connection.runAndReadAll('SELECT property FROM left_out');
  const known = new Set(stored.getRows().map(([property]) => String(property)));
  const counts = new Map<string, number>();
  let room = MOST_LEFT_OUT - known.size;
  for (const [property, count] of leftOut) {
    const isNamed = known.has(property) || (room -= 1) >= 0;
    const name = isNamed ? property : OTHERS;
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
  for (const [property, count] of counts)
    await connection.run(
      known.has(property)
        ? `UPDATE left_out SET events = events + ${count} WHERE property = $1`
        : `INSERT INTO left_out VALUES ($1, ${count})`,
      [property],
    );
}

async function link(connection: DuckDBConnection, links: readonly PersonLink[]): Promise<void> {
  if (links.length === 0) return;
  const targets = new Map<number, number | undefined>();
  const backwards: string[] = [];
  for (const { from, into, isJoined } of links) {
    const [person, target] = [personHash(from), personHash(into)];
    targets.set(person, isJoined && person !== target ? target : undefined);
    if (!isJoined || person === target) continue;
    // Whoever others were merged into and is now merged itself is not one that it was merged into.
    if (!targets.has(target)) backwards.push(`(${target}, ${person})`);
    else if (targets.get(target) === person) targets.set(target, undefined);
  }
  let removed = 0;
  if (backwards.length > 0)
    removed += (await connection.run(`DELETE FROM links WHERE (person, target) IN (${backwards.join(', ')})`)).rowsChanged;
  removed += (await connection.run(`DELETE FROM links WHERE person IN (${[...targets.keys()].join(', ')})`)).rowsChanged;
  const added = [...targets].flatMap(([person, target]) => (target === undefined ? [] : [`(${person}, ${target}, ${target})`]));
  if (added.length > 0) await connection.run(`INSERT INTO links VALUES ${added.join(', ')}`);
  // What was only added to lengthens chains; what was taken away may have been in the middle of some.
  if (removed > 0) await connection.run('UPDATE links SET root = target WHERE root <> target');
  for (let round = 0; round < LONGEST_CHAIN; round += 1) {
    const moved = await connection.run(
      'UPDATE links SET root = next.root FROM links next WHERE links.root = next.person AND links.root <> next.root AND next.root <> links.person',
    );
    if (moved.rowsChanged === 0) return;
  }
}
