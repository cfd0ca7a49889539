import type { ReactNode } from 'react';
import './explore.css';
import '../plugins/panels.css';
import '../people/people.css';
import { analyticsApi } from '../../api/customers/analytics.ts';
import type { KnownEvent } from '../../api/customers/analytics.ts';
import { useResource } from '../../api/use-resource.ts';
import { navigate, withQuery } from '../../routing/router.ts';
import type { Place } from '../../routing/router.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { RoomTabs } from '../../ui/room-tabs.tsx';
import { FunnelView } from './funnel-view.tsx';
import { PagesView } from './pages-view.tsx';
import { PathsView } from './paths-view.tsx';
import { RANGES, readRange } from './ranges.ts';
import type { Range } from './ranges.ts';
import { RetentionView } from './retention-view.tsx';
import { SessionsView } from './sessions-view.tsx';
import { TrendView } from './trend-view.tsx';

/** What each view is given. */
export interface ViewProps {
  readonly place: Place;
  readonly range: Range;
  readonly includesTest: boolean;
  readonly known: readonly KnownEvent[];
}

const VIEWS: readonly { readonly show: string; readonly text: string; readonly draw: (props: ViewProps) => ReactNode }[] = [
  { show: '', text: 'Over time', draw: (props) => <TrendView {...props} /> },
  { show: 'funnel', text: 'Funnel', draw: (props) => <FunnelView {...props} /> },
  { show: 'retention', text: 'Coming back', draw: (props) => <RetentionView {...props} /> },
  { show: 'paths', text: 'Paths', draw: (props) => <PathsView {...props} /> },
  { show: 'pages', text: 'Pages', draw: (props) => <PagesView {...props} /> },
  { show: 'sessions', text: 'Sessions', draw: (props) => <SessionsView {...props} /> },
];

/** Questions about what people do: over time, step by step, again and again. */
export function ExploreScreen({ place }: { readonly place: Place }) {
  const show = place.query.get('show') ?? '';
  const view = VIEWS.find((each) => each.show === show) ?? VIEWS[0];
  const range = readRange(place.query.get('range'));
  // Test apps are on unless they are left out: a new installation has nothing else.
  const includesTest = place.query.get('test') !== 'no';
  const known = useResource('known-events', (signal) => analyticsApi.names(signal));
  const set = (name: string, value: string): void => navigate(withQuery(place, name, value), { isReplacing: true });
  return (
    <>
      <PageHead
        title="Explore"
        lead="What people do, counted from the columnar copy of the event log. Each answer says how far it reaches."
      />
      <RoomTabs
        label="Questions"
        tabs={VIEWS.map((each) => ({ href: withQuery(place, 'show', each.show), text: each.text }))}
        current={withQuery(place, 'show', view?.show ?? '')}
      />
      <div className="toolbar" role="group" aria-label="Which events">
        <select
          className="select"
          aria-label="Stretch of time"
          value={range.range}
          onChange={(change) => set('range', change.target.value)}
        >
          {RANGES.map((each) => (
            <option key={each.range} value={each.range}>
              {each.text}
            </option>
          ))}
        </select>
        <label className="row small">
          <input type="checkbox" checked={includesTest} onChange={(change) => set('test', change.target.checked ? '' : 'no')} />
          With events of test apps
        </label>
      </div>
      {view?.draw({ place, range, includesTest, known: known.value ?? [] })}
    </>
  );
}
