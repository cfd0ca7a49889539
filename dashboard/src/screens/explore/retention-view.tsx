import { analyticsApi } from '../../api/customers/analytics.ts';
import type { Retention } from '../../api/customers/analytics.ts';
import { useResource } from '../../api/use-resource.ts';
import { navigate, withQuery } from '../../routing/router.ts';
import { Empty } from '../../ui/empty.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { NameInput } from '../../ui/name-input.tsx';
import { tellCount, tellShare } from '../../ui/number.ts';
import { useSettled } from '../../ui/use-settled.ts';
import type { ViewProps } from './explore-screen.tsx';
import { Freshness } from './freshness.tsx';
import { fromOf, hasBegun, tellInterval } from './ranges.ts';

const PERIODS = 8;
const UNITS = ['day', 'week', 'month'] as const;

/** Who comes back: people by when they first came, and how many of them were there again in each period after. */
export function RetentionView({ place, range, includesTest, known }: ViewProps) {
  const [first, back] = [place.query.get('first') ?? '', place.query.get('back') ?? ''];
  const per = UNITS.find((unit) => unit === place.query.get('per')) ?? 'week';
  const input = {
    ...(first === '' ? {} : { first: { names: [first] } }),
    ...(back === '' ? {} : { back: { names: [back] } }),
    per,
    periods: PERIODS,
    includesTest,
  };
  const asked = useSettled(JSON.stringify(input));
  const answer = useResource(`retention:${asked}:${range.range}`, (signal) =>
    analyticsApi.ask<Retention>('analytics.retention', { ...(JSON.parse(asked) as object), ...fromOf(range, Date.now()) }, signal),
  );
  const set = (name: string, value: string): void => navigate(withQuery(place, name, value.trim()), { isReplacing: true });
  const names = known.map(({ name }) => name);
  return (
    <section className="panel" aria-labelledby="retention-title">
      <h2 id="retention-title" className="visually-hidden">
        Coming back
      </h2>
      <div className="panel-body explore-form">
        <NameInput label="First did" value={first} names={names} placeholder="anything" onChange={(value) => set('first', value)} />
        <NameInput label="Came back and did" value={back} names={names} placeholder="anything" onChange={(value) => set('back', value)} />
        <label className="field">
          <span className="field-label">By</span>
          <select
            className="select"
            value={per}
            onChange={(change) => set('per', change.target.value === 'week' ? '' : change.target.value)}
          >
            {UNITS.map((unit) => (
              <option key={unit} value={unit}>
                {unit}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Loaded resource={answer}>
        {(value) =>
          value.cohorts.length === 0 ? (
            <Empty icon="explore" title="Nobody came for the first time">
              Look at a longer stretch of time: only people whose first event lies in it are counted.
            </Empty>
          ) : (
            <div className="panel-body stack-tight">
              <div className="table-scroll" tabIndex={0} role="region" aria-label="Cohorts">
                <table className="table retention-table">
                  <thead>
                    <tr>
                      <th scope="col">First came</th>
                      <th scope="col" className="end">
                        People
                      </th>
                      {Array.from({ length: PERIODS }, (_, index) => (
                        <th key={index} scope="col" className="end">
                          {index === 0 ? `Same ${per}` : `+${String(index)}`}
                        </th>
                      ))}
                    </tr>
                  </thead>
                  <tbody>
                    {value.cohorts.map((cohort) => (
                      <tr key={cohort.at}>
                        <th scope="row">{tellInterval(cohort.at, per === 'month' ? 'month' : 'day')}</th>
                        <td className="end number">{tellCount(cohort.people)}</td>
                        {Array.from({ length: PERIODS }, (_, index) => (
                          <RetentionCell
                            key={index}
                            people={cohort.people}
                            back={hasBegun(cohort.at, index, per, Date.now()) ? cohort.back[index] : undefined}
                          />
                        ))}
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              <Freshness of={value} />
            </div>
          )
        }
      </Loaded>
    </section>
  );
}

function RetentionCell({ people, back }: { readonly people: number; readonly back: number | undefined }) {
  if (back === undefined || people === 0) return <td />;
  const share = back / people;
  // Five steps: the eye tells no more apart, and the contrast of the text holds on each.
  const step = Math.min(4, Math.floor(share * 5));
  return (
    <td className={`end number retention-${String(step)}`} title={`${tellCount(back)} of ${tellCount(people)}`}>
      {tellShare(share)}
    </td>
  );
}
