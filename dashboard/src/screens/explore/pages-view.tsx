import { analyticsApi } from '../../api/customers/analytics.ts';
import type { Pages } from '../../api/customers/analytics.ts';
import { useResource } from '../../api/use-resource.ts';
import { navigate, withQuery } from '../../routing/router.ts';
import { Empty } from '../../ui/empty.tsx';
import { tellDuration } from '../../ui/instant.ts';
import { Loaded } from '../../ui/loaded.tsx';
import { tellCount } from '../../ui/number.ts';
import { ShareBar } from '../../ui/share-bar.tsx';
import { useSettled } from '../../ui/use-settled.ts';
import type { ViewProps } from './explore-screen.tsx';
import { Freshness } from './freshness.tsx';
import { fromOf } from './ranges.ts';

const MOST_PAGES = 100;

/** Pages by how often they were viewed, with how long people stayed. */
export function PagesView({ place, range, includesTest }: ViewProps) {
  const part = place.query.get('path') ?? '';
  const where = part.trim() === '' ? {} : { where: [{ property: '$path', is: 'contains', value: part.trim() }] };
  const asked = useSettled(JSON.stringify({ ...where, includesTest, limit: MOST_PAGES }));
  const answer = useResource(`pages:${asked}:${range.range}`, (signal) =>
    analyticsApi.ask<Pages>('analytics.pages', { ...(JSON.parse(asked) as object), ...fromOf(range, Date.now()) }, signal),
  );
  return (
    <section className="panel" aria-labelledby="pages-title">
      <h2 id="pages-title" className="visually-hidden">
        Pages
      </h2>
      <div className="panel-body explore-form">
        <label className="field">
          <span className="field-label">With this in the address</span>
          <input
            className="input"
            value={part}
            placeholder="/docs"
            autoComplete="off"
            spellCheck={false}
            onChange={(change) => navigate(withQuery(place, 'path', change.target.value), { isReplacing: true })}
          />
        </label>
      </div>
      <Loaded resource={answer} skeletonLines={6}>
        {(value) =>
          value.pages.length === 0 ? (
            <Empty icon="explore" title="No page was viewed in this time">
              Pages come with the calls of page() that a website sends. Look at a longer stretch of time, or at other addresses.
            </Empty>
          ) : (
            <PageTable answer={value} />
          )
        }
      </Loaded>
    </section>
  );
}

function PageTable({ answer }: { readonly answer: Pages }) {
  const all = answer.pages.reduce((sum, { views }) => sum + views, 0);
  return (
    <div className="panel-body stack-tight">
      <div className="table-scroll" tabIndex={0} role="region" aria-label="Pages with views">
        <table className="table path-table">
          <thead>
            <tr>
              <th scope="col">Page</th>
              <th scope="col">Of these views</th>
              <th scope="col" className="end">
                Views
              </th>
              <th scope="col" className="end">
                People
              </th>
              <th scope="col" className="end">
                Half stay longer than
              </th>
            </tr>
          </thead>
          <tbody>
            {answer.pages.map(({ path, views, people, medianMs }) => (
              <tr key={path}>
                <th scope="row" className="wrap-anywhere">
                  {path}
                </th>
                <td className="funnel-bar">
                  <ShareBar ratio={views / all} />
                </td>
                <td className="end number">{tellCount(views)}</td>
                <td className="end number">{tellCount(people)}</td>
                <td className="end number">
                  {medianMs === undefined ? <span className="faint">always the last</span> : tellDuration(medianMs)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {answer.isCut ? <p className="small soft">The {tellCount(answer.pages.length)} most viewed are shown; there are more.</p> : null}
      <Freshness of={answer} />
    </div>
  );
}
