import type { Arrival } from '../../live/live-store.ts';
import { hueOfEvent } from '../events/event-words.ts';

/** The lanes from top to bottom. */
export const LANES = ['track', 'identify', 'page', 'hub', 'other'] as const;

/** How much time the strip shows. */
export const WINDOW_MS = 60_000;

type Lane = (typeof LANES)[number];

const BARS_SHARE = 0.36;
const DOT_RADIUS = 2.6;
/** Young dots are larger for a moment, so that the eye catches an arrival. */
const YOUNG_MS = 900;

/** Draws the strip: a dot for each arrival, and below the number of each second. */
export function drawPulse(canvas: HTMLCanvasElement, arrivals: readonly Arrival[], nowMs: number): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const context = canvas.getContext('2d');
  if (context === null || width === 0) return;
  fit(canvas, context, width, height);
  context.clearRect(0, 0, width, height);
  const colours = readColours(canvas);
  const barsTop = height * (1 - BARS_SHARE);
  drawBars(context, arrivals, nowMs, { width, top: barsTop, bottom: height }, colours.bar);
  drawLanes(context, width, barsTop, colours.line);
  for (const arrival of arrivals) {
    const ageMs = nowMs - arrival.at;
    if (ageMs < 0 || ageMs > WINDOW_MS) continue;
    const lane = hueOfEvent(arrival.event);
    context.globalAlpha = 0.35 + 0.65 * (1 - ageMs / WINDOW_MS);
    context.fillStyle = colours[lane];
    context.beginPath();
    context.arc(xOf(ageMs, width), yOf(lane, arrival.event.position, barsTop), radiusOf(ageMs), 0, Math.PI * 2);
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

function yOf(lane: Lane, position: number, barsTop: number): number {
  const laneHeight = (barsTop - 8) / LANES.length;
  // A fixed scatter by position, so that events of the same moment lie beside each other and never jump.
  const scatter = (((position * 2_654_435_761) >>> 0) / 4_294_967_296 - 0.5) * laneHeight * 0.62;
  return laneHeight * (LANES.indexOf(lane) + 0.5) + scatter + 2;
}

function radiusOf(ageMs: number): number {
  return ageMs < YOUNG_MS ? DOT_RADIUS + 2.6 * (1 - ageMs / YOUNG_MS) : DOT_RADIUS;
}

function drawLanes(context: CanvasRenderingContext2D, width: number, barsTop: number, colour: string): void {
  const laneHeight = (barsTop - 8) / LANES.length;
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.globalAlpha = 0.6;
  context.beginPath();
  for (let lane = 1; lane < LANES.length; lane += 1) {
    const y = Math.round(laneHeight * lane) + 2.5;
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

function drawBars(context: CanvasRenderingContext2D, arrivals: readonly Arrival[], nowMs: number, area: Area, colour: string): void {
  const thisSecond = Math.floor(nowMs / 1_000);
  const counts = new Map<number, number>();
  for (const { at } of arrivals) {
    const second = Math.floor(at / 1_000);
    counts.set(second, (counts.get(second) ?? 0) + 1);
  }
  const most = Math.max(4, ...counts.values());
  const barWidth = area.width / (WINDOW_MS / 1_000);
  context.fillStyle = colour;
  for (const [second, count] of counts) {
    const right = xOf(Math.max(0, nowMs - (second + 1) * 1_000), area.width);
    const left = xOf(Math.max(0, nowMs - second * 1_000), area.width);
    const high = Math.max(2, (count / most) * (area.bottom - area.top - 6));
    context.globalAlpha = second === thisSecond ? 0.5 : 0.85;
    context.beginPath();
    context.roundRect(left + 1, area.bottom - high, Math.max(1, Math.min(barWidth, right - left) - 2), high, [2, 2, 0, 0]);
    context.fill();
  }
  context.globalAlpha = 1;
}

interface Colours extends Readonly<Record<Lane, string>> {
  readonly bar: string;
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
    bar: style.color,
    line: style.borderTopColor,
  };
  read = { colours, atMs };
  return colours;
}
