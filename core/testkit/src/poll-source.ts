import { TendrilError } from '@tendril/plugin-api';
import type { Call, Json, JsonObject, PollHandler } from '@tendril/plugin-api';

/** What polling came to. */
export interface Polled<Item = JsonObject> {
  /** Each once, by the primary key where one is given, in the order in which they came. */
  readonly items: readonly Item[];
  /** What the hub would hand to the next poll. */
  readonly cursor: Json | undefined;
  readonly pages: number;
}

/** How a source is polled. */
export interface PollOptions<Input, Settings> {
  readonly input: Input;
  /** A new one for each page: `fakeCall({…})` and its `next()`. */
  readonly call: () => Call<Settings>;
  /** What the poll before gave; none unless told. */
  readonly cursor?: Json;
  /** Of the manifest: a pointer to a member of an item, such as `/id`. */
  readonly primaryKey?: string;
  /** 100 unless told. */
  readonly maxPages?: number;
}

/**
 * Polls a trigger's handler as the hub does: page after page with the cursor of the one before, until there is no more.
 *
 * @throws TendrilError PLUGIN_FAULTY when there is always more, or an item has no primary key
 */
export async function pollSource<Input = JsonObject, Item = JsonObject, Settings = JsonObject>(
  handler: PollHandler<Input, Item, Settings>,
  { input, call, cursor: before, primaryKey, maxPages = 100 }: PollOptions<Input, Settings>,
): Promise<Polled<Item>> {
  const items = new Map<unknown, Item>();
  let cursor = before;
  for (let pages = 1; pages <= maxPages; pages += 1) {
    // As it comes back from the disk.
    const kept = cursor === undefined ? undefined : (JSON.parse(JSON.stringify(cursor)) as Json);
    const answer = await handler(input, call(), kept);
    for (const item of answer.items) items.set(primaryKey === undefined ? item : keyOf(item, primaryKey), item);
    cursor = answer.cursor ?? cursor;
    if (answer.hasMore !== true) return { items: [...items.values()], cursor, pages };
  }
  throw new TendrilError('PLUGIN_FAULTY', { reason: 'there is always more', pages: maxPages });
}

function keyOf(item: unknown, pointer: string): string | number {
  let value: unknown = item;
  for (const name of pointer.slice(1).split('/'))
    value = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw new TendrilError('PLUGIN_FAULTY', { reason: 'an item has no primary key', pointer });
}
