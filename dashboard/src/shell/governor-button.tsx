import { useState } from 'react';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { Problem } from '../ui/problem.tsx';
import { useGovernor } from './use-governor.ts';

/** The button that holds back everything that is sent or spent, and lets it go on. Always in the header. */
export function GovernorButton() {
  const governor = useGovernor();
  const [isAsking, setAsking] = useState(false);
  const isPaused = governor.isPaused === true;

  return (
    <>
      <button
        type="button"
        className={`button governor-button${isPaused ? ' is-paused' : ''}`}
        disabled={governor.isPaused === undefined}
        onClick={() => setAsking(true)}
      >
        <Icon name={isPaused ? 'play' : 'pause'} />
        {isPaused ? 'Resume' : 'Pause'}
        <span className="visually-hidden"> everything that is sent or spent</span>
      </button>
      {isAsking ? <AskDialog governor={governor} isPaused={isPaused} onClose={() => setAsking(false)} /> : null}
    </>
  );
}

interface AskDialogProps {
  readonly governor: ReturnType<typeof useGovernor>;
  readonly isPaused: boolean;
  readonly onClose: () => void;
}

function AskDialog({ governor, isPaused, onClose }: AskDialogProps) {
  // What was asked stays on the dialog, even if the state changes while it is open.
  const [shallPause] = useState(!isPaused);
  async function confirm(): Promise<void> {
    if (await governor.turn(shallPause)) onClose();
  }
  return (
    <Dialog className="dialog" label={shallPause ? 'Pause sending and spending' : 'Resume sending and spending'} onClose={onClose}>
      <h2>{shallPause ? 'Hold everything back?' : 'Let it go on?'}</h2>
      <p className="soft">
        {shallPause
          ? 'From now on no mail, message or payment leaves, in any pipeline or agent. Events still come in, people and leads are still kept, and held-back steps are recorded with their reason.'
          : 'Pipelines and agents may send and spend again, within the caps and with every opt-out respected.'}
      </p>
      {governor.problem === undefined ? null : <Problem problem={governor.problem} />}
      <div className="row">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="button button-main" disabled={governor.isTurning} onClick={() => void confirm()}>
          {shallPause ? 'Pause now' : 'Resume now'}
        </button>
      </div>
    </Dialog>
  );
}
