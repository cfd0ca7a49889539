import { TendrilError } from '@tendril/plugin-api';
import type { ErrorCode, Page } from '@tendril/plugin-api';

/** What asks for a page. */
export interface PageQuery {
  readonly limit?: number;
  readonly cursor?: string;
}

/** A page with each item as it goes over HTTP. */
export function mapPage<Item, Shown>(page: Page<Item>, show: (item: Item) => Shown): Page<Shown> {
  return { ...page, items: page.items.map(show) };
}

/** Cuts a page out of a list that is there as a whole. @throws TendrilError INPUT_INVALID when the cursor is not one of ours */
export function pageOf<Item>(items: readonly Item[], { limit = 50, cursor }: PageQuery): Page<Item> {
  const start = cursor === undefined ? 0 : Number(cursor);
  if (!Number.isSafeInteger(start) || start < 0)
    throw new TendrilError('INPUT_INVALID', { in: 'query', problems: [{ pointer: '/cursor', message: 'is not a cursor of this list' }] });
  const end = start + limit;
  return { items: items.slice(start, end), ...(end < items.length ? { nextCursor: String(end) } : {}) };
}

/** @throws TendrilError with the code when there is no such thing */
export function required<Value>(value: Value | undefined, code: ErrorCode, details: Readonly<Record<string, string>>): Value {
  if (value === undefined) throw new TendrilError(code, details);
  return value;
}
