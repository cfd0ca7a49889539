import { useState } from 'react';
import { LEAD_STATUSES, leadsApi } from '../../api/customers/leads.ts';
import type { LeadDetail, LeadOwner } from '../../api/customers/leads.ts';
import { Problem } from '../../ui/problem.tsx';
import { nameState } from '../../ui/state-chip.tsx';
import { useTask } from '../../ui/use-task.ts';

interface LeadActionsProps {
  readonly lead: LeadDetail;
  readonly owners: readonly LeadOwner[];
  readonly onChanged: () => void;
}

const DAY_MS = 86_400_000;
const PAUSES = [
  { days: 1, text: 'until tomorrow' },
  { days: 3, text: 'for three days' },
  { days: 7, text: 'for a week' },
  { days: 30, text: 'for a month' },
] as const;

/** What can be done with a lead: whose it is, where it stands, when it comes back. */
export function LeadActions({ lead, owners, onChanged }: LeadActionsProps) {
  const task = useTask();
  const [said, setSaid] = useState('');
  function act(work: () => Promise<unknown>, done: string): void {
    void task.run(async () => {
      await work();
      setSaid(done);
      onChanged();
    });
  }
  function assign(owner: string): void {
    if (owner === '') return;
    const name = owners.find(({ id }) => id === owner)?.name ?? 'whom the rule chose';
    act(() => leadsApi.assign(lead.id, owner === 'by-rule' ? undefined : owner), `Given to ${name}.`);
  }
  const isSnoozed = lead.snoozedUntil !== undefined && new Date(lead.snoozedUntil).getTime() > Date.now();
  return (
    <div className="stack-tight">
      <div className="lead-actions">
        <label className="field">
          <span className="field-label">Stands at</span>
          <select
            className="select"
            value={lead.status}
            disabled={task.isBusy}
            onChange={(change) => {
              const status = LEAD_STATUSES.find((each) => each === change.target.value);
              if (status !== undefined) act(() => leadsApi.setStatus(lead.id, status), `Stands at ${nameState(status)} now.`);
            }}
          >
            {LEAD_STATUSES.map((status) => (
              <option key={status} value={status}>
                {nameState(status)}
              </option>
            ))}
          </select>
        </label>
        {owners.length === 0 ? null : (
          <label className="field">
            <span className="field-label">Owner</span>
            <select className="select" value={lead.owner ?? ''} disabled={task.isBusy} onChange={(change) => assign(change.target.value)}>
              <option value="">{lead.owner === null ? 'Nobody' : 'Choose…'}</option>
              <option value="by-rule">Whom the rule chooses</option>
              {owners.map((owner) => (
                <option key={owner.id} value={owner.id}>
                  {`${owner.name}${owner.isAway ? ' (away)' : owner.hasRoom ? '' : ' (full)'}`}
                </option>
              ))}
            </select>
          </label>
        )}
        <label className="field">
          <span className="field-label">Not now</span>
          <select
            className="select"
            value=""
            disabled={task.isBusy}
            onChange={(change) => {
              const days = Number(change.target.value);
              if (change.target.value === 'back') act(() => leadsApi.snooze(lead.id, null), 'Back in the queue.');
              else if (days > 0)
                act(() => leadsApi.snooze(lead.id, new Date(Date.now() + days * DAY_MS).toISOString()), 'Out of the queue until then.');
            }}
          >
            <option value="">Leave it aside…</option>
            {PAUSES.map(({ days, text }) => (
              <option key={days} value={days}>
                {text}
              </option>
            ))}
            {isSnoozed ? <option value="back">bring it back now</option> : null}
          </select>
        </label>
      </div>
      <p className="small soft" role="status">
        {said}
      </p>
      {task.problem === undefined ? null : <Problem problem={task.problem} />}
    </div>
  );
}
