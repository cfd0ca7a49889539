import type { PanelSeries } from '../../api/types.ts';

/** Where everything of a chart goes, in the units of its drawing. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** In the order of the series: for bars `x` is their left edge. */
  readonly series: readonly (readonly { readonly x: number; readonly y: number }[])[];
  readonly lines: readonly { readonly y: number; readonly isZero: boolean }[];
  readonly zeroY: number;
  readonly barWidth: number;
  readonly least: number;
  readonly most: number;
  readonly firstLabel: string;
  readonly lastLabel: string;
}

const WIDTH = 600;
const HEIGHT = 180;
const EDGE = 6;
const GAP_RATIO = 0.25;

/** Lays points out: numbers of x to scale, texts at equal distances in the order in which they first come. */
export function layOut(series: readonly PanelSeries[], view: 'line' | 'bar'): Layout {
  const points = series.flatMap((each) => each.points);
  const places = [...new Set(points.map(({ x }) => x))];
  const numbers = places.filter((place) => typeof place === 'number');
  const isToScale = view === 'line' && numbers.length === places.length && places.length > 1;
  if (isToScale) places.sort((a, b) => Number(a) - Number(b));
  const values = points.map(({ y }) => y);
  // Bars stand on zero, and lines that are near it show it.
  const least = Math.min(...values, view === 'bar' || Math.min(...values) > 0 ? 0 : Infinity);
  const most = Math.max(...values, 0);
  const range = most - least || 1;
  const toY = (value: number): number => round(EDGE + (1 - (value - least) / range) * (HEIGHT - 2 * EDGE));
  const slot = WIDTH / places.length;
  const barWidth = (slot * (1 - GAP_RATIO)) / series.length;
  const [from, to] = isToScale ? [Math.min(...numbers), Math.max(...numbers)] : [0, Math.max(1, places.length - 1)];
  const indexes = new Map(places.map((place, index) => [place, index]));
  const toX = (x: string | number, index: number): number => {
    const place = indexes.get(x) ?? 0;
    if (view === 'bar') return round(place * slot + (slot * GAP_RATIO) / 2 + index * barWidth);
    return round((((isToScale ? Number(x) : place) - from) / (to - from || 1)) * WIDTH);
  };
  return {
    width: WIDTH,
    height: HEIGHT,
    series: series.map((each, index) => {
      const laid = each.points.map(({ x, y }) => ({ x: toX(x, index), y: toY(y) }));
      return view === 'line' ? laid.toSorted((a, b) => a.x - b.x) : laid;
    }),
    lines: [least, (least + most) / 2, most].map((value) => ({ y: toY(value), isZero: value === 0 })),
    zeroY: toY(Math.max(least, 0)),
    barWidth: round(Math.max(1, barWidth)),
    least,
    most,
    firstLabel: String(places[0] ?? ''),
    lastLabel: places.length > 1 ? String(places.at(-1)) : '',
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
