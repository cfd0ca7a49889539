import { analyticsApi } from '../../api/customers/analytics.ts';
import type { Paths } from '../../api/customers/analytics.ts';
import { useResource } from '../../api/use-resource.ts';
import { navigate, withQuery } from '../../routing/router.ts';
import { Empty } from '../../ui/empty.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { NameInput } from '../../ui/name-input.tsx';
import { tellCount, tellPlural } from '../../ui/number.ts';
import { ShareBar } from '../../ui/share-bar.tsx';
import { useSettled } from '../../ui/use-settled.ts';
import type { ViewProps } from './explore-screen.tsx';
import { Freshness } from './freshness.tsx';
import { arrangePaths } from './path-steps.ts';
import { fromOf } from './ranges.ts';

const DEPTHS = [1, 2, 3, 4, 5] as const;
const MOST_PATHS = 200;

/** What people do after something, or did before it, step by step within a session. */
export function PathsView({ place, range, includesTest, known }: ViewProps) {
  const around = place.query.get('around') ?? known[0]?.name ?? '';
  const direction = place.query.get('direction') === 'before' ? 'before' : 'after';
  const depth = DEPTHS.find((each) => String(each) === place.query.get('depth')) ?? 3;
  const set = (name: string, value: string): void => navigate(withQuery(place, name, value), { isReplacing: true });
  return (
    <section className="panel" aria-labelledby="paths-title">
      <h2 id="paths-title" className="visually-hidden">
        Paths
      </h2>
      <div className="panel-body explore-form">
        <NameInput
          label="Event"
          value={around}
          names={known.map(({ name }) => name)}
          placeholder="an event"
          onChange={(value) => set('around', value)}
        />
        <label className="field">
          <span className="field-label">What happened</span>
          <select
            className="select"
            value={direction}
            onChange={(change) => set('direction', change.target.value === 'before' ? 'before' : '')}
          >
            <option value="after">after it</option>
            <option value="before">before it</option>
          </select>
        </label>
        <label className="field">
          <span className="field-label">Steps</span>
          <select
            className="select"
            value={depth}
            onChange={(change) => set('depth', change.target.value === '3' ? '' : change.target.value)}
          >
            {DEPTHS.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
      </div>
      {around.trim() === '' ? (
        <Empty icon="explore" title="Name an event">
          Such as Signed Up: what people do next in the same session appears here, or what they did before.
        </Empty>
      ) : (
        <PathsAnswer about={{ around: around.trim(), direction, depth, includesTest }} range={range} />
      )}
    </section>
  );
}

interface PathsAnswerProps {
  readonly about: {
    readonly around: string;
    readonly direction: 'after' | 'before';
    readonly depth: number;
    readonly includesTest: boolean;
  };
  readonly range: ViewProps['range'];
}

function PathsAnswer({ about, range }: PathsAnswerProps) {
  const asked = useSettled(JSON.stringify(about));
  // The words beside an answer are those that it was asked with, not those that are being typed.
  const settled = JSON.parse(asked) as PathsAnswerProps['about'];
  const answer = useResource(`paths:${asked}:${range.range}`, (signal) =>
    analyticsApi.ask<Paths>(
      'analytics.paths',
      { ...settled, around: { names: [settled.around] }, limit: MOST_PATHS, ...fromOf(range, Date.now()) },
      signal,
    ),
  );
  return (
    <Loaded resource={answer} skeletonLines={6}>
      {(value) =>
        value.occurrences === 0 ? (
          <Empty icon="explore" title="It did not happen in this time">
            Look at a longer stretch of time or at another event. Those of test apps count only where they are not left out.
          </Empty>
        ) : (
          <PathTable answer={value} {...settled} />
        )
      }
    </Loaded>
  );
}

function PathTable({ answer, around, direction, depth }: { readonly answer: Paths } & PathsAnswerProps['about']) {
  const steps = arrangePaths(answer, direction, depth);
  return (
    <div className="panel-body stack-tight">
      <p className="small">
        {around} happened {tellPlural(answer.occurrences, 'time')}. {direction === 'after' ? 'After it came:' : 'Before it came:'}
      </p>
      <div className="table-scroll" tabIndex={0} role="region" aria-label={`Steps ${direction} ${around}`}>
        <table className="table path-table">
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col">Of all</th>
              <th scope="col" className="end">
                Times
              </th>
            </tr>
          </thead>
          <tbody>
            {steps.map(({ key, name, depth: level, occurrences }) => (
              <tr key={key}>
                <th scope="row" className={`path-step path-step-${String(level)}`}>
                  <span className="visually-hidden">step {level + 1}: </span>
                  {name ?? <span className="faint">{direction === 'after' ? 'the session ended' : 'the session began'}</span>}
                </th>
                <td className="funnel-bar">
                  <ShareBar ratio={occurrences / answer.occurrences} />
                </td>
                <td className="end number">{tellCount(occurrences)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {answer.isCut ? <p className="small soft">Rare paths are left out: shares of later steps are at least so large.</p> : null}
      <Freshness of={answer} />
    </div>
  );
}
