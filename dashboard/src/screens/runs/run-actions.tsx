import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { Run } from '../../api/types.ts';
import { Choice } from '../../ui/choice.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Icon } from '../../ui/icon.tsx';
import { ReplayDialog } from './replay-dialog.tsx';

const ENDED: ReadonlySet<string> = new Set(['succeeded', 'failed', 'stopped', 'cancelled']);

/** What may be done with a run: end it while it goes, do it again once it has ended. */
export function RunActions({ run, onChanged }: { readonly run: Run; readonly onChanged: () => void }) {
  const [asking, setAsking] = useState<'cancel' | 'replay' | undefined>(undefined);
  const close = (): void => setAsking(undefined);
  return (
    <>
      {ENDED.has(run.state) ? null : (
        <button type="button" className="button button-bad" onClick={() => setAsking('cancel')}>
          <Icon name="cross" />
          Cancel run
        </button>
      )}
      <button type="button" className="button" onClick={() => setAsking('replay')}>
        <Icon name="repeat" />
        Do it again
      </button>
      {asking === 'cancel' ? <CancelDialog run={run} onClose={close} onCancelled={onChanged} /> : null}
      {asking === 'replay' ? <ReplayDialog run={run} onClose={close} /> : null}
    </>
  );
}

interface CancelDialogProps {
  readonly run: Run;
  readonly onClose: () => void;
  readonly onCancelled: () => void;
}

function CancelDialog({ run, onClose, onCancelled }: CancelDialogProps) {
  const [mode, setMode] = useState<'now' | 'after_step'>('after_step');
  const [reason, setReason] = useState('');
  return (
    <Confirm
      title="Cancel this run?"
      action="Cancel the run"
      isGrave
      onClose={onClose}
      onConfirm={async () => {
        await api.cancelRun(run.id, { mode, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) });
        onCancelled();
      }}
    >
      <p>What its finished steps declare to undo them is done, latest first.</p>
      <Choice
        legend="When"
        value={mode}
        onChange={setMode}
        options={[
          { value: 'after_step', text: 'After the step that is under way', hint: 'Nothing is cut off.' },
          { value: 'now', text: 'Now', hint: 'A call that is under way may still take effect at the service; the run says so.' },
        ]}
      />
      <div className="field">
        <label htmlFor="cancel-reason">Reason</label>
        <input
          id="cancel-reason"
          className="input"
          placeholder="Optional; shown with the run"
          maxLength={500}
          autoComplete="off"
          value={reason}
          onChange={(change) => setReason(change.target.value)}
        />
      </div>
    </Confirm>
  );
}
