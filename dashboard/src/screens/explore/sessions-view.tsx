import { analyticsApi } from '../../api/customers/analytics.ts';
import type { Sessions } from '../../api/customers/analytics.ts';
import { useResource } from '../../api/use-resource.ts';
import { Empty } from '../../ui/empty.tsx';
import { tellDuration } from '../../ui/instant.ts';
import { Loaded } from '../../ui/loaded.tsx';
import { tellCompact, tellFigure, tellShare } from '../../ui/number.ts';
import type { ViewProps } from './explore-screen.tsx';
import { Freshness } from './freshness.tsx';
import { fillIntervals, fromOf } from './ranges.ts';
import { TimeChart } from './time-chart.tsx';

/** Sessions: what people do until half an hour passes in which nothing happens. */
export function SessionsView({ range, includesTest }: ViewProps) {
  const answer = useResource(`sessions:${range.range}:${String(includesTest)}`, (signal) =>
    analyticsApi.ask<Sessions>('analytics.sessions', { per: range.per, includesTest, ...fromOf(range, Date.now()) }, signal),
  );
  return (
    <section className="panel" aria-label="Sessions">
      <Loaded resource={answer}>
        {(value) =>
          value.sessions === 0 ? (
            <Empty icon="explore" title="No session in this time">
              A session begins with the first thing that somebody does after half an hour of nothing.
            </Empty>
          ) : (
            <SessionFigures answer={value} per={range.per} />
          )
        }
      </Loaded>
    </section>
  );
}

function SessionFigures({ answer, per }: { readonly answer: Sessions; readonly per: ViewProps['range']['per'] }) {
  const figures = [
    ['Sessions', tellCompact(answer.sessions)],
    ['People', tellCompact(answer.people)],
    ['Events each', tellFigure(answer.events / Math.max(1, answer.sessions))],
    ['Half are shorter than', tellDuration(answer.medianDurationMs)],
    ['One event only', tellShare(answer.bounceRatio)],
  ] as const;
  const at = fillIntervals(
    (answer.series ?? []).map((point) => point.at),
    per,
  );
  const byInterval = new Map((answer.series ?? []).map((point) => [point.at, point]));
  return (
    <div className="panel-body stack-tight">
      <ul className="figures explore-figures" aria-label="Figures">
        {figures.map(([text, value]) => (
          <li key={text}>
            <span className="figure number">{value}</span>
            <span className="small soft">{text}</span>
          </li>
        ))}
      </ul>
      {at.length === 0 ? null : (
        <TimeChart
          title="Sessions over time"
          at={at}
          per={per}
          lines={[
            { name: 'Sessions', values: at.map((each) => byInterval.get(each)?.sessions ?? 0) },
            { name: 'People', values: at.map((each) => byInterval.get(each)?.people ?? 0) },
          ]}
        />
      )}
      <Freshness of={answer} />
    </div>
  );
}
