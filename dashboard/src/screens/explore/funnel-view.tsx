import { analyticsApi } from '../../api/customers/analytics.ts';
import type { Funnel } from '../../api/customers/analytics.ts';
import { useResource } from '../../api/use-resource.ts';
import { navigate, withQuery } from '../../routing/router.ts';
import { Empty } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { tellDuration } from '../../ui/instant.ts';
import { Loaded } from '../../ui/loaded.tsx';
import { tellCount, tellShare } from '../../ui/number.ts';
import { NameInput } from '../../ui/name-input.tsx';
import { ShareBar } from '../../ui/share-bar.tsx';
import { useSettled } from '../../ui/use-settled.ts';
import type { ViewProps } from './explore-screen.tsx';
import { Freshness } from './freshness.tsx';
import { fromOf } from './ranges.ts';
import type { Range } from './ranges.ts';

const MOST_STEPS = 10;
const WINDOWS = [
  { hours: 1, text: 'an hour' },
  { hours: 24, text: 'a day' },
  { hours: 168, text: 'a week' },
  { hours: 720, text: '30 days' },
  { hours: 2_160, text: '90 days' },
] as const;

/** How many people go how far through steps, one after another. */
export function FunnelView({ place, range, includesTest, known }: ViewProps) {
  const typed = place.query.getAll('step');
  // Two empty ones to begin with, and those that are there.
  const steps = typed.length < 2 ? [...typed, ...Array.from({ length: 2 - typed.length }, () => '')] : typed;
  const hours = WINDOWS.find((each) => String(each.hours) === place.query.get('window'))?.hours ?? 168;
  const isWhole = steps.every((step) => step !== '');
  function set(changed: readonly string[]): void {
    const query = new URLSearchParams(place.query);
    query.delete('step');
    for (const step of changed) query.append('step', step);
    navigate(`${place.path}?${query.toString()}`, { isReplacing: true });
  }
  return (
    <section className="panel" aria-labelledby="funnel-title">
      <div className="panel-head">
        <h2 id="funnel-title">Who goes how far</h2>
        <label className="row small">
          within
          <select
            className="select"
            value={hours}
            onChange={(change) =>
              navigate(withQuery(place, 'window', change.target.value === '168' ? '' : change.target.value), { isReplacing: true })
            }
          >
            {WINDOWS.map((each) => (
              <option key={each.hours} value={each.hours}>
                {each.text}
              </option>
            ))}
          </select>
          of the first step
        </label>
      </div>
      <div className="panel-body stack-tight">
        <ol className="funnel-steps" aria-label="Steps">
          {steps.map((step, index) => (
            <li key={index} className="funnel-step-input">
              <NameInput
                label={`Step ${String(index + 1)}`}
                isLabelHidden
                value={step}
                names={known.map(({ name }) => name)}
                placeholder={`Step ${String(index + 1)}: an event`}
                onChange={(value) => set(steps.map((each, at) => (at === index ? value : each)))}
              />
              <button
                type="button"
                className="button button-quiet button-icon"
                aria-label={`Remove step ${String(index + 1)}`}
                disabled={steps.length <= 2}
                onClick={() => set(steps.filter((_, at) => at !== index))}
              >
                <Icon name="cross" />
              </button>
            </li>
          ))}
        </ol>
        <div className="row">
          <button type="button" className="button" disabled={steps.length >= MOST_STEPS} onClick={() => set([...steps, ''])}>
            <Icon name="plus" />
            Another step
          </button>
        </div>
      </div>
      {isWhole ? (
        <FunnelAnswer steps={steps} hours={hours} range={range} includesTest={includesTest} />
      ) : (
        <Empty icon="explore" title="Name an event for each step">
          Such as Product Viewed, then Checkout Started, then Order Completed.
        </Empty>
      )}
    </section>
  );
}

interface FunnelAnswerProps {
  readonly steps: readonly string[];
  readonly hours: number;
  readonly range: Range;
  readonly includesTest: boolean;
}

function FunnelAnswer({ steps, hours, range, includesTest }: FunnelAnswerProps) {
  const input = { steps: steps.map((step) => ({ names: step.split('|') })), windowHours: hours, includesTest };
  const asked = useSettled(JSON.stringify(input));
  const answer = useResource(`funnel:${asked}:${range.range}`, (signal) =>
    analyticsApi.ask<Funnel>('analytics.funnel', { ...(JSON.parse(asked) as object), ...fromOf(range, Date.now()) }, signal),
  );
  return (
    <Loaded resource={answer} skeletonLines={steps.length}>
      {(value) => {
        const reached = value.groups[0]?.steps ?? [];
        return (
          <div className="panel-body stack-tight">
            <div className="table-scroll" tabIndex={0} role="region" aria-label="Steps with people">
              <table className="table funnel-table">
                <thead>
                  <tr>
                    <th scope="col">Step</th>
                    <th scope="col">Of the first</th>
                    <th scope="col" className="end">
                      People
                    </th>
                    <th scope="col" className="end">
                      Of the step before
                    </th>
                    <th scope="col" className="end">
                      Half of them within
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {reached.map((step, index) => (
                    <tr key={index}>
                      <th scope="row" className="wrap-anywhere">
                        {index + 1}. {steps[index]?.replaceAll('|', ' or ')}
                      </th>
                      <td className="funnel-bar">
                        <ShareBar ratio={step.ofFirstRatio} />
                      </td>
                      <td className="end number">{tellCount(step.people)}</td>
                      <td className="end number">{index === 0 ? '' : tellShare(step.ofPreviousRatio)}</td>
                      <td className="end number">{step.medianMs === undefined ? '' : tellDuration(step.medianMs)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <Freshness of={value} />
          </div>
        );
      }}
    </Loaded>
  );
}
