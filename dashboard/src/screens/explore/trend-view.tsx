import { analyticsApi } from '../../api/customers/analytics.ts';
import type { Measured, MeasuredGroup } from '../../api/customers/analytics.ts';
import { useResource } from '../../api/use-resource.ts';
import { navigate, withQuery } from '../../routing/router.ts';
import { Empty } from '../../ui/empty.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { NameInput } from '../../ui/name-input.tsx';
import { tellCompact, tellFigure } from '../../ui/number.ts';
import { useSettled } from '../../ui/use-settled.ts';
import { EventChoice } from './event-choice.tsx';
import type { ViewProps } from './explore-screen.tsx';
import { Freshness } from './freshness.tsx';
import { fillIntervals, fromOf } from './ranges.ts';
import { ReadyQuestions } from './ready-questions.tsx';
import { TimeChart } from './time-chart.tsx';

const REFRESH_MS = 30_000;

/** How much happened over time, in all or by the values of a property. */
export function TrendView({ place, range, includesTest, known }: ViewProps) {
  const names = place.query.getAll('event');
  const by = place.query.get('by') ?? '';
  const measure = place.query.get('measure') === 'people' ? 'people' : 'events';
  const input = {
    ...(names.length === 0 ? {} : { events: { names } }),
    per: range.per,
    includesTest,
    ...(by === '' ? {} : { by, limit: 5 }),
    ...(measure === 'people' ? { of: 'people' } : {}),
  };
  const asked = useSettled(JSON.stringify(input));
  const answer = useResource(
    `trend:${asked}:${range.range}`,
    (signal) =>
      analyticsApi.ask<Measured>(
        asked.includes('"of":"people"') ? 'analytics.uniques' : 'analytics.count',
        { ...(JSON.parse(asked) as object), ...fromOf(range, Date.now()) },
        signal,
      ),
    REFRESH_MS,
  );
  const properties = [
    ...new Set(
      known
        .filter(({ name }) => names.length === 0 || names.includes(name))
        .flatMap((event) => event.properties.map((property) => property.name)),
    ),
  ];
  const replaceEvents = (chosen: readonly string[]): void => {
    const query = new URLSearchParams(place.query);
    query.delete('event');
    for (const name of chosen) query.append('event', name);
    navigate(query.size === 0 ? place.path : `${place.path}?${query.toString()}`, { isReplacing: true });
  };
  return (
    <div className="stack">
      <section className="panel" aria-labelledby="trend-title">
        <div className="panel-body explore-form">
          <EventChoice label="Events" names={names} known={known} onChange={replaceEvents} />
          <label className="field">
            <span className="field-label">Count</span>
            <select
              className="select"
              value={measure}
              onChange={(change) =>
                navigate(withQuery(place, 'measure', change.target.value === 'people' ? 'people' : ''), { isReplacing: true })
              }
            >
              <option value="events">events</option>
              <option value="people">different people</option>
            </select>
          </label>
          <NameInput
            label="Split by"
            value={by}
            names={[...properties, '$path', '$referrer', '$utm_source', '$utm_campaign', '$app']}
            placeholder="nothing"
            onChange={(value) => navigate(withQuery(place, 'by', value.trim()), { isReplacing: true })}
          />
        </div>
        <h2 id="trend-title" className="visually-hidden">
          Over time
        </h2>
        <Loaded resource={answer}>{(value) => <Trend answer={value} per={range.per} />}</Loaded>
      </section>
      <ReadyQuestions place={place} />
    </div>
  );
}

function Trend({ answer, per }: { readonly answer: Measured; readonly per: ViewProps['range']['per'] }) {
  const at = fillIntervals(
    answer.groups.flatMap(({ series = [] }) => series.map((point) => point.at)),
    per,
  );
  if (at.length === 0)
    return (
      <Empty icon="explore" title="Nothing happened in this time">
        Look at a longer stretch of time or at other events. Those of test apps count only where they are not left out.
      </Empty>
    );
  const lines = answer.groups.map((group) => {
    const byInterval = new Map((group.series ?? []).map((point) => [point.at, point.value ?? 0]));
    return { name: nameGroup(group), values: at.map((each) => byInterval.get(each) ?? 0) };
  });
  return (
    <div className="panel-body stack-tight">
      <ul className="figures explore-figures" aria-label="In all">
        {answer.groups.map((group) => (
          <li key={nameGroup(group)}>
            <span className="figure number">{tellCompact(group.value ?? 0)}</span>
            <span className="small soft wrap-anywhere">{nameGroup(group)}</span>
          </li>
        ))}
      </ul>
      <TimeChart title="Over time" at={at} per={per} lines={lines} tellValue={tellFigure} />
      {answer.isCut ? <p className="small soft">There are more values: the five most frequent are shown.</p> : null}
      <Freshness of={answer} />
    </div>
  );
}

function nameGroup({ group }: MeasuredGroup): string {
  if (group === undefined) return 'all';
  return group === null ? 'without it' : String(group);
}
