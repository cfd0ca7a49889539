import type { PagedResource } from '../api/use-paged.ts';
import { Problem } from './problem.tsx';

type MoreOfList = Pick<PagedResource<{ readonly id: string }>, 'hasMore' | 'isLoadingMore' | 'moreProblem' | 'loadMore'>;

/** The button below a list that brings its next page. */
export function LoadMore({ paged }: { readonly paged: MoreOfList }) {
  if (!paged.hasMore) return null;
  return (
    <div className="more">
      {paged.moreProblem === undefined ? null : <Problem problem={paged.moreProblem} />}
      <button type="button" className="button" onClick={paged.loadMore} disabled={paged.isLoadingMore}>
        {paged.isLoadingMore ? 'Loading…' : 'Show more'}
      </button>
    </div>
  );
}
