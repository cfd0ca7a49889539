import { useCallback, useState } from 'react';
import { toApiProblem } from './api-problem.ts';
import { useResource } from './use-resource.ts';
import type { ApiProblem } from './api-problem.ts';
import type { Resource } from './use-resource.ts';
import type { Page } from './types.ts';

/** A list that is fetched page by page. */
export interface PagedResource<Item> extends Resource<readonly Item[]> {
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  readonly moreProblem: ApiProblem | undefined;
  readonly loadMore: () => void;
}

interface Tail<Item> {
  readonly key: string;
  readonly items: readonly Item[];
  readonly nextCursor: string | undefined;
  readonly isLoading: boolean;
  readonly problem: ApiProblem | undefined;
}

/** Fetches the first page when `key` changes and further ones when asked. An item that moved between pages is shown once. */
export function usePaged<Item extends { readonly id: string }>(
  key: string,
  load: (cursor: string | undefined, signal?: AbortSignal) => Promise<Page<Item>>,
  refreshMs = 0,
): PagedResource<Item> {
  const first = useResource<Page<Item>>(key, (signal) => load(undefined, signal), refreshMs);
  const [tail, setTail] = useState<Tail<Item> | undefined>(undefined);
  const current = tail?.key === key ? tail : undefined;
  const nextCursor = current === undefined ? first.value?.nextCursor : current.nextCursor;

  const loadMore = useCallback(() => {
    if (nextCursor === undefined) return;
    const before = current?.items ?? [];
    setTail({ key, items: before, nextCursor, isLoading: true, problem: undefined });
    load(nextCursor).then(
      (page) => setTail({ key, items: [...before, ...page.items], nextCursor: page.nextCursor, isLoading: false, problem: undefined }),
      (thrown: unknown) => setTail({ key, items: before, nextCursor, isLoading: false, problem: toApiProblem(thrown) }),
    );
  }, [current, key, load, nextCursor]);

  return {
    value: first.value === undefined ? undefined : joinPages(first.value.items, current?.items ?? []),
    problem: first.problem,
    isLoading: first.isLoading,
    reload: first.reload,
    replace: (items) => first.replace({ items }),
    hasMore: nextCursor !== undefined,
    isLoadingMore: current?.isLoading ?? false,
    moreProblem: current?.problem,
    loadMore,
  };
}

function joinPages<Item extends { readonly id: string }>(first: readonly Item[], rest: readonly Item[]): readonly Item[] {
  const seen = new Set(first.map((item) => item.id));
  return [...first, ...rest.filter((item) => !seen.has(item.id))];
}
