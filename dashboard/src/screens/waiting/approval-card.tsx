import { useId, useState } from 'react';
import { api } from '../../api/client.ts';
import type { Approval } from '../../api/types.ts';
import { Link } from '../../routing/link.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Moment } from '../../ui/moment.tsx';
import { Problem } from '../../ui/problem.tsx';
import { useTask } from '../../ui/use-task.ts';

/** One step that asks for approval: what for, about whom, until when; approved or rejected with a word if one likes. */
export function ApprovalCard({ approval, onDecided }: { readonly approval: Approval; readonly onDecided: () => void }) {
  const [comment, setComment] = useState('');
  const task = useTask();
  const id = useId();
  const { title, message, by, personId, until } = approval;

  function decide(isApproved: boolean): void {
    void task.run(async () => {
      await api.decide(approval, isApproved, comment.trim() === '' ? {} : { comment: comment.trim() });
      onDecided();
    });
  }
  return (
    <article className="panel approval" aria-labelledby={id}>
      <div className="row-between">
        <h2 id={id} className="approval-title wrap-anywhere">
          <Icon name="hand" /> {title ?? `Approve step ${approval.path} of ${approval.pipeline}?`}
        </h2>
        {approval.isTest ? <span className="chip">test: sandboxes only</span> : null}
      </div>
      {message === undefined ? null : <p className="approval-message">{message}</p>}
      <dl className="facts">
        <dt>Asked</dt>
        <dd>
          <Moment at={approval.askedAt} />
        </dd>
        {by === undefined ? null : (
          <>
            <dt>Decided by</dt>
            <dd>{by}</dd>
          </>
        )}
        {until === undefined ? null : (
          <>
            <dt>Too late</dt>
            <dd>
              <Moment at={until} />
            </dd>
          </>
        )}
        {personId === undefined ? null : (
          <>
            <dt>Person</dt>
            <dd>
              <Link href={`/people/${encodeURIComponent(personId)}`}>{personId}</Link>
            </dd>
          </>
        )}
        <dt>Run</dt>
        <dd>
          <Link href={`/runs/${encodeURIComponent(approval.runId)}`}>{approval.pipeline}</Link>{' '}
          <span className="faint mono">{approval.runId}</span>
        </dd>
      </dl>
      <div className="field">
        <label htmlFor={`${id}-comment`}>Comment</label>
        <textarea
          id={`${id}-comment`}
          className="input"
          rows={2}
          maxLength={2_000}
          placeholder="Optional; kept with the decision"
          value={comment}
          onChange={(change) => setComment(change.target.value)}
        />
      </div>
      {task.problem === undefined ? null : <Problem problem={task.problem} />}
      <div className="row">
        <button type="button" className="button button-main" disabled={task.isBusy} onClick={() => decide(true)}>
          <Icon name="check" />
          Approve
        </button>
        <button type="button" className="button button-bad" disabled={task.isBusy} onClick={() => decide(false)}>
          <Icon name="cross" />
          Reject
        </button>
      </div>
    </article>
  );
}
