import { useEffect, useRef, useState } from 'react';
import type { Overview } from '../../api/types.ts';
import { useLive, useLiveStore } from '../../live/live-context.ts';
import { tellCount, tellRate } from '../../ui/number.ts';
import { drawPulse, LANES, WINDOW_MS } from './draw-pulse.ts';

const NAMES = { track: 'Track', identify: 'Identify', page: 'Page', hub: 'Tendril’s own', other: 'Other' } as const;
const SPOKEN_EVERY_MS = 20_000;

/** Events of the last minute as they arrive: a dot each, in a lane by kind, over the events per second. */
export function Pulse({ overview }: { readonly overview: Overview }) {
  const measured = useLive((live) => live.perSecond);
  return (
    <section className="panel pulse" aria-labelledby="pulse-title">
      <div className="pulse-head">
        <div>
          <h2 id="pulse-title">Last minute</h2>
          <p className="pulse-rate">
            <span className="number">{tellRate(overview.events.perSecond ?? measured)}</span> events a second
          </p>
        </div>
        <Legend />
      </div>
      <PulseCanvas />
      <SpokenPulse />
    </section>
  );
}

function Legend() {
  return (
    <ul className="legend" data-legend="">
      {LANES.map((lane) => (
        <li key={lane}>
          <span className={`dot hue-${lane}`} data-lane={lane} aria-hidden="true" />
          {NAMES[lane]}
        </li>
      ))}
    </ul>
  );
}

function PulseCanvas() {
  const store = useLiveStore();
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const canvas = ref.current;
    if (canvas === null) return undefined;
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
    let frame = 0;
    let drawnAt = 0;
    function step(time: number): void {
      // Thirty frames a second look as smooth here as sixty and cost half; one a second when motion is unwanted.
      if (canvas !== null && time - drawnAt > (isStill ? 1_000 : 30)) {
        drawnAt = time;
        drawPulse(canvas, store.arrivals(), Date.now());
      }
      frame = requestAnimationFrame(step);
    }
    frame = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame);
  }, [store]);
  return <canvas ref={ref} className="pulse-canvas" role="img" aria-label="Events of the last minute, newest at the right" />;
}

/** Says the figures for screen readers now and then; each event would be far too much. */
function SpokenPulse() {
  const store = useLiveStore();
  const [spoken, setSpoken] = useState('');
  useEffect(() => {
    const timer = setInterval(() => {
      const from = Date.now() - WINDOW_MS;
      const count = store.arrivals().reduce((sum, arrival) => sum + (arrival.at > from ? arrival.weight : 0), 0);
      setSpoken(`${tellCount(Math.round(count))} events in the last minute`);
    }, SPOKEN_EVERY_MS);
    return () => clearInterval(timer);
  }, [store]);
  return (
    <p className="visually-hidden" aria-live="polite">
      {spoken}
    </p>
  );
}
