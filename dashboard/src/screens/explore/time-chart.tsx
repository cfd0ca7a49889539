import { useId, useState } from 'react';
import type { PointerEvent } from 'react';
import { tellCompact, tellFigure } from '../../ui/number.ts';
import { tellInterval } from './ranges.ts';
import type { Interval } from './ranges.ts';

/** One line of a chart: a value for each interval. */
export interface ChartLine {
  readonly name: string;
  readonly values: readonly number[];
}

interface TimeChartProps {
  readonly title: string;
  /** Beginnings of the intervals, in order; one for each value. */
  readonly at: readonly string[];
  readonly per: Interval;
  readonly lines: readonly ChartLine[];
  readonly tellValue?: (value: number) => string;
}

const WIDTH = 640;
const HEIGHT = 220;
const HUES = 5;

/** Lines over time; the values below the pointer are told, and all of them stand in a table. */
export function TimeChart({ title, at, per, lines, tellValue = tellFigure }: TimeChartProps) {
  const id = useId();
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  const [isTable, setTable] = useState(false);
  const most = Math.max(...lines.flatMap(({ values }) => values), 1);
  const toX = (index: number): number => (at.length < 2 ? WIDTH / 2 : (index / (at.length - 1)) * WIDTH);
  const toY = (value: number): number => 4 + (1 - value / most) * (HEIGHT - 8);
  function point(event: PointerEvent<SVGSVGElement>): void {
    const box = event.currentTarget.getBoundingClientRect();
    setPointed(Math.round(((event.clientX - box.left) / Math.max(1, box.width)) * (at.length - 1)));
  }
  const shown = pointed === undefined ? undefined : at[pointed];
  return (
    <figure className="time-chart" aria-labelledby={id}>
      <div className="time-chart-head">
        <p className="small soft number time-chart-read" aria-hidden="true">
          {shown === undefined || pointed === undefined
            ? ''
            : `${tellInterval(shown, per)}: ${lines.map(({ name, values }) => `${lines.length > 1 ? `${name} ` : ''}${tellValue(values[pointed] ?? 0)}`).join(' · ')}`}
        </p>
        <button type="button" className="button button-quiet" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
          {isTable ? 'As a chart' : 'As a table'}
        </button>
      </div>
      <figcaption id={id} className="visually-hidden">
        {describe(title, at, per, lines)}
      </figcaption>
      {isTable ? (
        <ChartTable title={title} at={at} per={per} lines={lines} tellValue={tellValue} />
      ) : (
        <>
          <div className="time-chart-frame">
            <span className="time-chart-most small faint number">{tellCompact(Math.round(most))}</span>
            <svg
              viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`}
              preserveAspectRatio="none"
              role="img"
              aria-labelledby={id}
              onPointerMove={point}
              onPointerLeave={() => setPointed(undefined)}
            >
              {[0, 0.5, 1].map((share) => (
                <line
                  key={share}
                  x1={0}
                  x2={WIDTH}
                  y1={toY(most * share)}
                  y2={toY(most * share)}
                  className={share === 0 ? 'chart-zero' : 'chart-grid'}
                  vectorEffect="non-scaling-stroke"
                />
              ))}
              {pointed === undefined ? null : (
                <line x1={toX(pointed)} x2={toX(pointed)} y1={0} y2={HEIGHT} className="chart-zero" vectorEffect="non-scaling-stroke" />
              )}
              {lines.map(({ name, values }, index) =>
                at.length === 1 ? (
                  <circle
                    key={name}
                    cx={WIDTH / 2}
                    cy={toY(values[0] ?? 0)}
                    r={4}
                    className={`chart-bar chart-hue-${String(index % HUES)}`}
                  />
                ) : (
                  <polyline
                    key={name}
                    className={`chart-line chart-hue-${String(index % HUES)}`}
                    points={values.map((value, place) => `${toX(place).toFixed(1)},${toY(value).toFixed(1)}`).join(' ')}
                    vectorEffect="non-scaling-stroke"
                  />
                ),
              )}
            </svg>
          </div>
          <div className="chart-scale small faint" aria-hidden="true">
            <span>{tellInterval(at[0] ?? '', per)}</span>
            <span>{at.length > 2 ? tellInterval(at[Math.floor(at.length / 2)] ?? '', per) : ''}</span>
            <span>{at.length > 1 ? tellInterval(at.at(-1) ?? '', per) : ''}</span>
          </div>
        </>
      )}
      {lines.length < 2 ? null : (
        <ul className="legend">
          {lines.map(({ name }, index) => (
            <li key={name}>
              <span className={`dot chart-dot-${String(index % HUES)}`} aria-hidden="true" />
              {name}
            </li>
          ))}
        </ul>
      )}
    </figure>
  );
}

function ChartTable({ title, at, per, lines, tellValue = tellFigure }: TimeChartProps) {
  return (
    <div className="table-scroll time-chart-table" tabIndex={0} role="region" aria-label={title}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">When</th>
            {lines.map(({ name }) => (
              <th key={name} scope="col" className="end">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {at.map((each, index) => (
            <tr key={each}>
              <td>{tellInterval(each, per)}</td>
              {lines.map(({ name, values }) => (
                <td key={name} className="end number">
                  {tellValue(values[index] ?? 0)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** For those who do not see it: of each line where it begins, ends and is highest. */
function describe(title: string, at: readonly string[], per: Interval, lines: readonly ChartLine[]): string {
  const parts = lines.map(
    ({ name, values }) =>
      `${name} from ${tellFigure(values[0] ?? 0)} at ${tellInterval(at[0] ?? '', per)} to ${tellFigure(values.at(-1) ?? 0)} at ${tellInterval(at.at(-1) ?? '', per)}, at most ${tellFigure(Math.max(...values, 0))}`,
  );
  return `${title}: ${parts.join('; ')}`;
}
