import { TendrilError } from '@tendril/plugin-api';
import type { Call, Json, JsonObject } from '@tendril/plugin-api';
import type { HttpPaging } from '@tendril/schemas';
import type { CallScope } from './call-scope.ts';
import type { Exchange } from './compile-exchange.ts';
import type { PageChange } from './compile-request.ts';
import { compileOptional } from './compile-values.ts';
import { forOutput } from './evaluation-failure.ts';
import { nextLink } from './link-header.ts';

/** Asks for pages until there is none, and puts the items of all into the scope. */
export type AskPages = (call: Call, scope: CallScope, exchange: Exchange) => Promise<void>;

const MOST_PAGES = 100;
/** So many items leave an expression at most. */
const MOST_ITEMS = 90_000;

/** Compiles how pages follow one another. Expects that the checker found no fault in it. */
export function compilePaging(paging: HttpPaging): AskPages {
  const { maxPages = MOST_PAGES } = paging;
  const itemsOf = compileOptional(paging.items);
  const follow = compileFollow(paging);
  return async (call, scope, exchange) => {
    const items: Json[] = [];
    const seen = new Set<string>();
    let change = follow.first(scope);
    for (let pages = 1; ; pages += 1) {
      await exchange(call, scope, change);
      const found = forOutput('/http/paging/items', () => itemsOf(scope)) ?? [];
      if (!Array.isArray(found))
        throw new TendrilError('ACTION_OUTPUT_INVALID', { part: '/http/paging/items', problem: 'The items are no list.' });
      for (const item of found as readonly Json[]) items.push(item);
      scope.items = items;
      const next = forOutput('/http/paging', () => follow.next(scope, found.length));
      scope.hasMore = next !== undefined;
      if (next === undefined || pages >= maxPages || items.length >= MOST_ITEMS) return;
      if (seen.has(next.mark)) throw new TendrilError('UPSTREAM_UNAVAILABLE', { reason: 'its pages go round in circles' });
      seen.add(next.mark);
      change = next.change;
    }
  };
}

interface NextPage {
  readonly change: PageChange;
  /** What tells it apart from the others. */
  readonly mark: string;
}

interface Follow {
  first(scope: CallScope): PageChange;
  /** `undefined` behind the last page. */
  next(scope: CallScope, found: number): NextPage | undefined;
}

function compileFollow(paging: HttpPaging): Follow {
  const { by, parameter, in: place = 'query', first = 1, pageSize = 1 } = paging;
  const nextOf = compileOptional(paging.next);
  const hasMoreOf = compileOptional(paging.hasMore);
  const isOver = (scope: CallScope): boolean => paging.hasMore !== undefined && hasMoreOf(scope) !== true;
  // Without a parameter the templates read `page` and `cursor`.
  const put = (value: Json): PageChange => (parameter === undefined ? {} : { [place]: { [parameter]: value } satisfies JsonObject });
  const numbered = (scope: CallScope, found: number, value: () => number): NextPage | undefined => {
    if (isOver(scope) || found < pageSize) return undefined;
    const number = value();
    return { change: put(number), mark: String(number) };
  };
  switch (by) {
    case 'page':
      return { first: (scope) => put((scope.page = first)), next: (scope, found) => numbered(scope, found, () => (scope.page += 1)) };
    case 'offset':
      return { first: () => put(0), next: (scope, found) => numbered(scope, found, () => (scope.page = scope.items.length)) };
    case 'link':
      return { first: () => ({}), next: (scope) => (isOver(scope) ? undefined : toAddress(nextLink(scope.response?.headers['link']))) };
    case 'url':
      return { first: () => ({}), next: (scope) => (isOver(scope) ? undefined : toAddress(nextOf(scope))) };
    default:
      return {
        first: () => ({}),
        next: (scope) => {
          const cursor = isOver(scope) ? undefined : nextOf(scope);
          if (isEnd(cursor)) return undefined;
          scope.cursor = cursor;
          return { change: put(cursor), mark: JSON.stringify(cursor) };
        },
      };
  }
}

function toAddress(told: Json | undefined): NextPage | undefined {
  return typeof told === 'string' && told !== '' ? { change: { address: told }, mark: told } : undefined;
}

function isEnd(told: Json | undefined): told is undefined | null | '' {
  return told === undefined || told === null || told === '';
}
