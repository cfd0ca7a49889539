import { useLive } from '../live/live-context.ts';
import { Icon } from '../ui/icon.tsx';

/** Says on every screen that sending and spending are held back. */
export function GovernorBanner() {
  const isPaused = useLive((live) => live.overview?.governor.isPaused === true);
  return (
    <div role="status">
      {isPaused ? (
        <p className="governor-banner">
          <Icon name="pause" />
          <span>
            <strong>Paused.</strong> Nothing is sent or spent until you resume. Events still come in.
          </span>
        </p>
      ) : null}
    </div>
  );
}
