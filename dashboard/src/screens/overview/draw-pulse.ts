import type { Arrival } from '../../live/live-store.ts';
import { hueOfEvent } from '../events/event-words.ts';

/** The lanes from top to bottom. */
export const LANES = ['track', 'identify', 'page', 'hub', 'other'] as const;

/** How much time the strip shows. */
export const WINDOW_MS = 60_000;

type Lane = (typeof LANES)[number];

const RATE_SHARE = 0.36;
/** Tracks are most of the traffic, so their lane is the widest. */
const LANE_SHARES: Readonly<Record<Lane, number>> = { track: 0.36, identify: 0.17, page: 0.17, hub: 0.17, other: 0.13 };
const DOT_RADIUS = 2.6;
/** Young dots are larger for a moment, so that the eye catches an arrival. */
const YOUNG_MS = 900;

/** Draws the strip: a dot for each arrival, and below a line of how many came each second. */
export function drawPulse(canvas: HTMLCanvasElement, arrivals: readonly Arrival[], nowMs: number): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const context = canvas.getContext('2d');
  if (context === null || width === 0) return;
  fit(canvas, context, width, height);
  context.clearRect(0, 0, width, height);
  const colours = readColours(canvas);
  const rateTop = height * (1 - RATE_SHARE);
  drawRate(context, arrivals, nowMs, { width, top: rateTop, bottom: height }, colours.rate);
  drawLanes(context, width, rateTop, colours.line);
  for (const arrival of arrivals) {
    const ageMs = nowMs - arrival.at;
    if (ageMs < 0 || ageMs > WINDOW_MS) continue;
    const lane = hueOfEvent(arrival.event);
    context.globalAlpha = 0.35 + 0.65 * (1 - ageMs / WINDOW_MS);
    context.fillStyle = colours[lane];
    context.beginPath();
    context.arc(xOf(ageMs, width), yOf(lane, arrival.event.position, rateTop), radiusOf(ageMs), 0, Math.PI * 2);
    context.fill();
  }
  context.globalAlpha = 1;
}

function fit(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D, width: number, height: number): void {
  const ratio = window.devicePixelRatio;
  const wide = Math.round(width * ratio);
  const high = Math.round(height * ratio);
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
}

function xOf(ageMs: number, width: number): number {
  return width - 8 - (ageMs / WINDOW_MS) * (width - 8);
}

function topOf(lane: Lane, rateTop: number): number {
  const above = LANES.slice(0, LANES.indexOf(lane)).map((each) => LANE_SHARES[each]);
  return 2 + above.reduce((sum, share) => sum + share, 0) * (rateTop - 8);
}

function yOf(lane: Lane, position: number, rateTop: number): number {
  const laneHeight = LANE_SHARES[lane] * (rateTop - 8);
  // A fixed scatter by position, so that events of the same moment lie beside each other and never jump.
  const scatter = ((position * 2_654_435_761) >>> 0) / 4_294_967_296 - 0.5;
  return topOf(lane, rateTop) + laneHeight * (0.5 + scatter * 0.66);
}

function radiusOf(ageMs: number): number {
  return ageMs < YOUNG_MS ? DOT_RADIUS + 2.6 * (1 - ageMs / YOUNG_MS) : DOT_RADIUS;
}

function drawLanes(context: CanvasRenderingContext2D, width: number, rateTop: number, colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.globalAlpha = 0.6;
  context.beginPath();
  for (const lane of LANES.slice(1)) {
    const y = Math.round(topOf(lane, rateTop)) + 0.5;
    context.moveTo(0, y);
    context.lineTo(width, y);
  }
  context.stroke();
  context.globalAlpha = 1;
}

interface Area {
  readonly width: number;
  readonly top: number;
  readonly bottom: number;
}

/** Events per second as one soft line over its shade; the second that still fills is left out. */
function drawRate(context: CanvasRenderingContext2D, arrivals: readonly Arrival[], nowMs: number, area: Area, colour: string): void {
  const thisSecond = Math.floor(nowMs / 1_000);
  const counts = countBySecond(arrivals);
  const most = Math.max(4, ...counts.values());
  const heightPx = area.bottom - area.top - 4;
  const points: { readonly x: number; readonly y: number }[] = [];
  for (let second = thisSecond - WINDOW_MS / 1_000 - 1; second < thisSecond; second += 1) {
    const x = xOf(nowMs - (second + 1) * 1_000, area.width);
    points.push({ x, y: area.bottom - 2 - ((counts.get(second) ?? 0) / most) * (heightPx - 4) });
  }
  const path = smoothPath(points, area.width);
  context.strokeStyle = colour;
  context.lineWidth = 1.75;
  context.lineJoin = 'round';
  context.stroke(path);
  path.lineTo(area.width, area.bottom);
  path.lineTo(0, area.bottom);
  path.closePath();
  const shade = context.createLinearGradient(0, area.top, 0, area.bottom);
  shade.addColorStop(0, colour);
  shade.addColorStop(1, 'transparent');
  context.fillStyle = shade;
  context.globalAlpha = 0.22;
  context.fill(path);
  context.globalAlpha = 1;
}

function countBySecond(arrivals: readonly Arrival[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { at, weight } of arrivals) {
    const second = Math.floor(at / 1_000);
    counts.set(second, (counts.get(second) ?? 0) + weight);
  }
  return counts;
}

/** Curves through the middles between points, so that the line bends but never overshoots a count. */
function smoothPath(points: readonly { readonly x: number; readonly y: number }[], width: number): Path2D {
  const path = new Path2D();
  let before = points[0] ?? { x: 0, y: 0 };
  path.moveTo(before.x, before.y);
  for (const point of points.slice(1)) {
    path.quadraticCurveTo(before.x, before.y, (before.x + point.x) / 2, (before.y + point.y) / 2);
    before = point;
  }
  path.lineTo(width, before.y);
  return path;
}

interface Colours extends Readonly<Record<Lane, string>> {
  readonly rate: string;
  readonly line: string;
}

let read: { readonly colours: Colours; readonly atMs: number } | undefined;

/** Takes the colours from the legend, where CSS has resolved them for light or dark; once a second is enough. */
function readColours(canvas: HTMLCanvasElement): Colours {
  const atMs = performance.now();
  if (read !== undefined && atMs - read.atMs < 1_000) return read.colours;
  const legend = canvas.parentElement?.querySelector('[data-legend]');
  const colourOf = (lane: Lane): string => {
    const dot = legend?.querySelector(`[data-lane="${lane}"]`);
    return dot === null || dot === undefined ? '#888888' : getComputedStyle(dot).backgroundColor;
  };
  const style = getComputedStyle(canvas);
  const colours: Colours = {
    track: colourOf('track'),
    identify: colourOf('identify'),
    page: colourOf('page'),
    hub: colourOf('hub'),
    other: colourOf('other'),
    rate: style.color,
    line: style.borderTopColor,
  };
  read = { colours, atMs };
  return colours;
}
