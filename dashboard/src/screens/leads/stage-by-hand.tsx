import { useId, useState } from 'react';
import type { SubmitEvent } from 'react';
import { leadsApi } from '../../api/customers/leads.ts';
import type { LeadDetail } from '../../api/customers/leads.ts';
import { useResource } from '../../api/use-resource.ts';
import { Problem } from '../../ui/problem.tsx';
import { useTask } from '../../ui/use-task.ts';

/** Sets the stage of a lead by hand, with a reason, or gives it back to the rules. */
export function StageByHand({ lead, onChanged }: { readonly lead: LeadDetail; readonly onChanged: () => void }) {
  const id = useId();
  const stages = useResource('lead-stages', (signal) => leadsApi.stages(signal));
  const [stage, setStage] = useState('');
  const [reason, setReason] = useState('');
  const task = useTask();
  if ((stages.value ?? []).length === 0) return null;
  function save(event: SubmitEvent): void {
    event.preventDefault();
    void task.run(async () => {
      if (stage === 'release') await leadsApi.releaseStage(lead.id, reason);
      else await leadsApi.setStage(lead.id, stage === 'none' ? null : stage, reason);
      setStage('');
      setReason('');
      onChanged();
    });
  }
  return (
    <section className="panel stage-by-hand" aria-labelledby={id}>
      <div className="panel-head">
        <h2 id={id}>Qualify by hand</h2>
      </div>
      <form className="panel-body stack-tight" onSubmit={save}>
        <div className="field-columns">
          <label className="field">
            <span className="field-label">Stage</span>
            <select className="select" value={stage} onChange={(change) => setStage(change.target.value)}>
              <option value="">Choose…</option>
              <option value="none">No stage</option>
              {(stages.value ?? []).map(({ name, title }) => (
                <option key={name} value={name}>
                  {title || name}
                </option>
              ))}
              {lead.isStageByHand ? <option value="release">What the rules say</option> : null}
            </select>
          </label>
          <label className="field">
            <span className="field-label">Why</span>
            <input
              className="input"
              value={reason}
              maxLength={500}
              autoComplete="off"
              onChange={(change) => setReason(change.target.value)}
            />
          </label>
        </div>
        {task.problem === undefined ? null : <Problem problem={task.problem} />}
        <div className="row">
          <button type="submit" className="button" disabled={stage === '' || reason.trim() === '' || task.isBusy}>
            {task.isBusy ? 'One moment…' : 'Set the stage'}
          </button>
          <span className="small soft">Rules leave it alone from then on.</span>
        </div>
      </form>
    </section>
  );
}
