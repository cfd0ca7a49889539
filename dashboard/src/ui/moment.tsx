import { useSyncExternalStore } from 'react';
import type { Instant } from '../api/types.ts';
import { tellAbsolute, tellRelative, toMs } from './instant.ts';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const each of listeners) each();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** A time in words ("12 sec. ago") that stays right while one looks; the full time appears on hover. */
export function Moment({ at }: { readonly at: Instant | null | undefined }) {
  const atMs = at === null || at === undefined ? Number.NaN : toMs(at);
  // The text is the snapshot, so that a row redraws only when its words change.
  const text = useSyncExternalStore(subscribe, () => (Number.isNaN(atMs) ? '' : tellRelative(atMs, Date.now())));
  if (Number.isNaN(atMs)) return <span className="faint">never</span>;
  return (
    <time dateTime={new Date(atMs).toISOString()} title={tellAbsolute(atMs)}>
      {text}
    </time>
  );
}
