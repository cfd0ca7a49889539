import type { PanelSeries } from '../../api/types.ts';
import { tellFigure } from '../../ui/number.ts';
import { layOut } from './lay-out.ts';
import type { Layout } from './lay-out.ts';

interface PanelChartProps {
  readonly title: string;
  readonly view: 'line' | 'bar';
  /** Each with a point at least. */
  readonly series: readonly PanelSeries[];
}

/** Lines or bars over one axis, with a legend where there are several. */
export function PanelChart({ title, view, series }: PanelChartProps) {
  const layout = layOut(series, view);
  const { width, height } = layout;
  return (
    <figure className="plugin-chart">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={describe(title, series)} preserveAspectRatio="none">
        {layout.lines.map(({ y, isZero }) => (
          <line
            key={y}
            x1={0}
            x2={width}
            y1={y}
            y2={y}
            className={isZero ? 'chart-zero' : 'chart-grid'}
            vectorEffect="non-scaling-stroke"
          />
        ))}
        {view === 'line' ? <Lines layout={layout} /> : <Bars layout={layout} />}
      </svg>
      <div className="chart-scale small faint" aria-hidden="true">
        <span>{layout.firstLabel}</span>
        <span>
          {tellFigure(layout.least)} to {tellFigure(layout.most)}
        </span>
        <span>{layout.lastLabel}</span>
      </div>
      {series.length < 2 ? null : (
        <figcaption>
          <ul className="legend">
            {series.map(({ name }, index) => (
              <li key={name + String(index)}>
                <span className={`dot chart-dot-${index % 5}`} />
                {name}
              </li>
            ))}
          </ul>
        </figcaption>
      )}
    </figure>
  );
}

function Lines({ layout }: { readonly layout: Layout }) {
  return layout.series.map((points, index) => (
    <polyline
      key={index}
      className={`chart-line chart-hue-${index % 5}`}
      points={points.map(({ x, y }) => `${x},${y}`).join(' ')}
      vectorEffect="non-scaling-stroke"
    />
  ));
}

function Bars({ layout }: { readonly layout: Layout }) {
  return layout.series.map((points, index) =>
    points.map(({ x, y }) => (
      <rect
        key={`${index}-${x}`}
        className={`chart-bar chart-hue-${index % 5}`}
        x={x}
        width={layout.barWidth}
        y={Math.min(y, layout.zeroY)}
        height={Math.max(1, Math.abs(layout.zeroY - y))}
      />
    )),
  );
}

/** For those who do not see it: of each series where it begins, ends and is highest. */
function describe(title: string, series: readonly PanelSeries[]): string {
  const parts = series.map(({ name, points }) => {
    const [first, last] = [points[0], points.at(-1)];
    const most = Math.max(...points.map(({ y }) => y));
    return `${name} from ${tellFigure(first?.y ?? 0)} at ${String(first?.x)} to ${tellFigure(last?.y ?? 0)} at ${String(last?.x)}, at most ${tellFigure(most)}`;
  });
  return `${title}: ${parts.join('; ')}`;
}
