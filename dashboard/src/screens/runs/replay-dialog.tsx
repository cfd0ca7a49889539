import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { Run, StepInfo } from '../../api/types.ts';
import { navigate } from '../../routing/router.ts';
import { Choice } from '../../ui/choice.tsx';
import { Confirm } from '../../ui/confirm.tsx';

interface ReplayDialogProps {
  readonly run: Run;
  /** From the beginning without it. */
  readonly from?: StepInfo;
  readonly onClose: () => void;
}

/** Asks before a run is done again, from the beginning or from a step, and leads to the new run. */
export function ReplayDialog({ run, from, onClose }: ReplayDialogProps) {
  const [version, setVersion] = useState<'same' | 'current'>('same');
  const [start, setStart] = useState(from?.path ?? '');
  return (
    <Confirm
      title="Do this run again?"
      action="Start the run"
      onClose={onClose}
      onConfirm={async () => {
        const { runId } = await api.replayRun(run.id, { version, ...(start === '' ? {} : { fromStep: start }) });
        navigate(`/runs/${encodeURIComponent(runId)}`);
      }}
    >
      <p>
        A new run starts with effects of its own: what was sent is sent <strong>once more</strong>
        {run.isTest ? ', to sandboxes only.' : '.'}
      </p>
      <div className="field">
        <label htmlFor="replay-from">From</label>
        <select id="replay-from" className="select" value={start} onChange={(change) => setStart(change.target.value)}>
          <option value="">The beginning</option>
          {run.steps.map((step) => (
            <option key={step.path} value={step.path}>
              {`${step.path} ${step.action ?? step.kind}${step.id === undefined ? '' : ` (${step.id})`}`}
            </option>
          ))}
        </select>
        <p className="field-hint">Results of the steps before it are taken over.</p>
      </div>
      <Choice
        legend="Which version"
        value={version}
        onChange={setVersion}
        options={[
          { value: 'same', text: `The one it had: version ${String(run.version)}` },
          { value: 'current', text: 'The one in force now', hint: 'Refused when the step is no longer there.' },
        ]}
      />
    </Confirm>
  );
}
