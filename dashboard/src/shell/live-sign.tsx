import { useLive } from '../live/live-context.ts';
import type { LiveState } from '../live/live-store.ts';

const TEXTS: Readonly<Record<LiveState, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting',
  'signed-out': 'Signed out',
};

/** Tells whether what one sees is live. */
export function LiveSign() {
  const state = useLive((live) => live.state);
  return (
    <span className={`live-sign live-${state}`} role="status">
      <span className="live-dot" aria-hidden="true" />
      {TEXTS[state]}
    </span>
  );
}
