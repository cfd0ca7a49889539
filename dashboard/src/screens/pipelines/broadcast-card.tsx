import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { Broadcast } from '../../api/types.ts';
import { Link } from '../../routing/link.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Moment } from '../../ui/moment.tsx';
import { tellCount } from '../../ui/number.ts';
import { text } from '../../ui/person-name.ts';
import { Problem } from '../../ui/problem.tsx';
import { Progress } from '../../ui/progress.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { useTask } from '../../ui/use-task.ts';

/** How far one broadcast has come, and the switches that hold and end it. */
export function BroadcastCard({ broadcast, onChanged }: { readonly broadcast: Broadcast; readonly onChanged: () => void }) {
  const { id, state, total, started, succeeded, failed, skipped, error } = broadcast;
  const [isAsking, setAsking] = useState(false);
  const task = useTask();
  const isOpen = state === 'running' || state === 'paused';

  function turn(verb: 'pause' | 'resume'): void {
    void task.run(async () => {
      await api.turnBroadcast(id, verb);
      onChanged();
    });
  }
  return (
    <li className="simulated-step">
      <div className="row-between">
        <span className="small wrap-anywhere">
          {broadcast.segment === undefined ? 'To a list' : `To segment ${broadcast.segment}`}{' '}
          <span className="faint">
            version {broadcast.version}, <Moment at={broadcast.createdAt} />
          </span>
        </span>
        <StateChip state={state} />
      </div>
      <Progress label="People reached" done={started + skipped} all={total} />
      <dl className="tally">
        <Tally name="started" count={started} />
        <Tally name="succeeded" count={succeeded} />
        <Tally name="failed" count={failed} />
        <Tally name="skipped" count={skipped} />
      </dl>
      {error === undefined ? null : <p className="ask-error">{text(error['message']) || text(error['code'])}</p>}
      {task.problem === undefined ? null : <Problem problem={task.problem} />}
      <div className="row">
        <Link href={`/runs?broadcastId=${encodeURIComponent(id)}`} className="small">
          Its runs
        </Link>
        {isOpen ? (
          <>
            <button type="button" className="button" disabled={task.isBusy} onClick={() => turn(state === 'paused' ? 'resume' : 'pause')}>
              <Icon name={state === 'paused' ? 'play' : 'pause'} />
              {state === 'paused' ? 'Resume sending' : 'Pause sending'}
            </button>
            <button type="button" className="button button-bad" onClick={() => setAsking(true)}>
              Cancel sending
            </button>
          </>
        ) : null}
      </div>
      {isAsking ? <CancelDialog id={id} onClose={() => setAsking(false)} onCancelled={onChanged} /> : null}
    </li>
  );
}

function Tally({ name, count }: { readonly name: string; readonly count: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="number">{tellCount(count)}</dd>
    </div>
  );
}

interface CancelDialogProps {
  readonly id: string;
  readonly onClose: () => void;
  readonly onCancelled: () => void;
}

function CancelDialog({ id, onClose, onCancelled }: CancelDialogProps) {
  const [withRuns, setWithRuns] = useState(false);
  return (
    <Confirm
      title="Cancel this broadcast?"
      action="Cancel it"
      isGrave
      onClose={onClose}
      onConfirm={async () => {
        await api.cancelBroadcast(id, withRuns);
        onCancelled();
      }}
    >
      <p>Nobody else is reached, ever. It cannot be resumed.</p>
      <label className="check">
        <input type="checkbox" checked={withRuns} onChange={(change) => setWithRuns(change.target.checked)} />
        Cancel the runs too that it has started
      </label>
    </Confirm>
  );
}
