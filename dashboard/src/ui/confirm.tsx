import type { ReactNode } from 'react';
import { Dialog } from './dialog.tsx';
import { Problem } from './problem.tsx';
import { useTask } from './use-task.ts';

interface ConfirmProps {
  readonly title: string;
  /** What the button does: `Cancel the run`. */
  readonly action: string;
  readonly isGrave?: boolean;
  /** For what is compared side by side. */
  readonly isWide?: boolean;
  readonly isReady?: boolean;
  readonly onClose: () => void;
  /** Closes when it has worked, unless it says `stay`; shows the fault otherwise. */
  readonly onConfirm: () => Promise<'stay' | void>;
  readonly children: ReactNode;
}

/** Asks before something is done that others would notice. */
export function Confirm({ title, action, isGrave = false, isWide = false, isReady = true, onClose, onConfirm, children }: ConfirmProps) {
  const task = useTask();
  async function confirm(): Promise<void> {
    await task.run(async () => {
      if ((await onConfirm()) !== 'stay') onClose();
    });
  }
  return (
    <Dialog className={isWide ? 'dialog dialog-wide' : 'dialog'} label={title} onClose={onClose}>
      <h2>{title}</h2>
      <div className="stack-tight soft small">{children}</div>
      {task.problem === undefined ? null : <Problem problem={task.problem} />}
      <div className="row">
        <button type="button" className="button" onClick={onClose}>
          Not now
        </button>
        <button
          type="button"
          className={`button ${isGrave ? 'button-bad' : 'button-main'}`}
          disabled={task.isBusy || !isReady}
          onClick={() => void confirm()}
        >
          {task.isBusy ? 'One moment…' : action}
        </button>
      </div>
    </Dialog>
  );
}
