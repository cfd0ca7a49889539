import type { Json, JsonObject } from './json.ts';

/** A row as it is stored, with the version that a conditional write compares. */
export interface Row<Value extends object = JsonObject> {
  readonly key: string;
  /** Counts the writes of this key, from 1. */
  readonly version: number;
  readonly value: Value;
}

/**
 * A question to one index of a table, answered in the index's order.
 *
 * `equals` fixes a prefix of the index's fields; `from` and `to` bound the first field behind that prefix. Fields that
 * the manifest marks personal are kept as keyed hashes in an index and can be asked for equality only.
 */
export interface TableQuery {
  /** Name of an index of the manifest; rows come in key order without one. */
  readonly index?: string;
  readonly equals?: JsonObject;
  /** Inclusive lower bound. */
  readonly from?: Json;
  /** Exclusive upper bound. */
  readonly to?: Json;
  readonly order?: 'ascending' | 'descending';
  /** At most 1,000; 100 unless told. */
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

/** One page of an answer; `nextCursor` is missing on the last. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string;
}

/** A question that is answered from an index alone, without opening a row. */
export interface AggregateQuery {
  readonly index: string;
  readonly equals?: JsonObject;
  readonly from?: Json;
  readonly to?: Json;
  /** A field of the index directly behind those in `equals`; one answer per value of it. */
  readonly groupBy?: string;
  /** A number field of the index: its sum, minimum and maximum are in the answer. */
  readonly of?: string;
}

/** One group of an aggregate's answer. `group` is null without `groupBy`. */
export interface Aggregate {
  readonly group: Json;
  readonly count: number;
  readonly sum?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Reading of one table that the manifest declares. Writing goes through `call.changes`. */
export interface Table<Value extends object = JsonObject> {
  /** In the order of the keys; `undefined` where there is no row. */
  getMany(keys: readonly string[]): Promise<readonly (Row<Value> | undefined)[]>;
  get(key: string): Promise<Row<Value> | undefined>;
  /** @throws TendrilError INPUT_INVALID when the index does not exist or `equals` is no prefix of it */
  query(query: TableQuery): Promise<Page<Row<Value>>>;
  aggregate(query: AggregateQuery): Promise<readonly Aggregate[]>;
}
