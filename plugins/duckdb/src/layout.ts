/** Of the tables below; a file of another layout is emptied and filled anew. */
export const LAYOUT = 1;

/** Columns that every event has, with their types in the file. */
export const FIXED_COLUMNS = [
  ['position', 'BIGINT'],
  ['occurred_at', 'BIGINT'],
  ['received_at', 'BIGINT'],
  ['name', 'INTEGER'],
  ['kind', 'VARCHAR'],
  // Whether somebody did it, which nearly every question asks.
  ['is_done', 'BOOLEAN'],
  ['app', 'VARCHAR'],
  ['is_test', 'BOOLEAN'],
  ['person', 'BIGINT'],
  ['is_anonymous', 'BOOLEAN'],
  ['zone', 'VARCHAR'],
  ['path', 'VARCHAR'],
  ['referrer', 'VARCHAR'],
  ['utm_source', 'VARCHAR'],
  ['utm_medium', 'VARCHAR'],
  ['utm_campaign', 'VARCHAR'],
  ['utm_term', 'VARCHAR'],
  ['utm_content', 'VARCHAR'],
] as const;

/** Words of questions that stand for such columns. */
export const WORDS: ReadonlyMap<string, string> = new Map(
  ['path', 'referrer', 'utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content', 'app', 'kind'].map((name) => [
    `$${name}`,
    name,
  ]),
);

/** Types of properties: one column for each type that a property was seen with. */
export const PROPERTY_TYPES = { number: 'DOUBLE', text: 'VARCHAR', boolean: 'BOOLEAN' } as const;

/** A type of a property. */
export type PropertyType = keyof typeof PROPERTY_TYPES;

/** Columns of properties at most; values of further ones are left out, and how many is counted. */
export const MOST_COLUMNS = 400;

/** Makes an empty copy. */
export const CREATE = [
  `CREATE TABLE events (${FIXED_COLUMNS.map(([name, type]) => `${name} ${type}`).join(', ')})`,
  'CREATE TABLE names (id INTEGER, name VARCHAR)',
  'CREATE TABLE properties (id INTEGER, property VARCHAR, type VARCHAR)',
  // Which event was seen with which property.
  'CREATE TABLE carried (name INTEGER, property INTEGER)',
  'CREATE TABLE left_out (property VARCHAR, events BIGINT)',
  // `root` is where a chain of merges ends.
  'CREATE TABLE links (person BIGINT, target BIGINT, root BIGINT)',
  'CREATE TABLE copy (position BIGINT, layout INTEGER)',
  `INSERT INTO copy VALUES (0, ${LAYOUT})`,
];
