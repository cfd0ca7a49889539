import { useCallback, useState } from 'react';
import { SUBMISSION_STATES, formsApi } from '../../api/customers/forms.ts';
import type { Form, Submission } from '../../api/customers/forms.ts';
import { usePaged } from '../../api/use-paged.ts';
import { Empty } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { LoadMore } from '../../ui/load-more.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { tellCount } from '../../ui/number.ts';
import { Problem } from '../../ui/problem.tsx';
import { StateChip, nameState } from '../../ui/state-chip.tsx';
import { useTask } from '../../ui/use-task.ts';

const REFRESH_MS = 8_000;

/** Answers to a form; those that look odd wait until somebody says what they are. */
export function Submissions({ form }: { readonly form: Form }) {
  const [state, setState] = useState<string>('');
  const load = useCallback(
    (cursor: string | undefined, signal?: AbortSignal) => formsApi.submissions(form.id, { state: state || undefined, cursor }, signal),
    [form.id, state],
  );
  const submissions = usePaged(`submissions:${form.id}:${state}`, load, REFRESH_MS);
  return (
    <section className="panel" aria-labelledby="answers-title">
      <div className="panel-head">
        <h2 id="answers-title">Answers</h2>
        <div className="segmented" role="group" aria-label="State">
          {['', ...SUBMISSION_STATES].map((each) => (
            <button
              key={each}
              type="button"
              className="segment"
              aria-pressed={each === state}
              aria-current={each === state ? 'true' : undefined}
              onClick={() => setState(each)}
            >
              {each === '' ? 'All' : nameState(each)}
              {each === '' ? '' : <span className="faint number">{tellCount(form.counts[each] ?? 0)}</span>}
            </button>
          ))}
        </div>
      </div>
      <Loaded resource={submissions}>
        {(items) =>
          items.length === 0 ? (
            <Empty icon="mail" title="No answer here">
              {state === '' ? 'Share the link or put the snippet into your page.' : 'None stands like that.'}
            </Empty>
          ) : (
            <ul className="submission-list">
              {items.map((submission) => (
                <SubmissionLine key={submission.id} submission={submission} onReviewed={submissions.reload} />
              ))}
            </ul>
          )
        }
      </Loaded>
      <LoadMore paged={submissions} />
    </section>
  );
}

function SubmissionLine({ submission, onReviewed }: { readonly submission: Submission; readonly onReviewed: () => void }) {
  const task = useTask();
  const { id, state, values, consents, reasons, at } = submission;
  const review = (decision: 'approve' | 'refuse'): void =>
    void task.run(async () => {
      await formsApi.review(id, decision);
      onReviewed();
    });
  return (
    <li>
      <div className="stack-tight">
        <p className="row small">
          <StateChip state={state} />
          <span className="faint">
            <Moment at={at} />
          </span>
          {consents.map((purpose) => (
            <span key={purpose} className="chip chip-good">
              <Icon name="check" isSmall />
              {purpose}
            </span>
          ))}
        </p>
        <dl className="facts">
          {Object.entries(values).map(([name, value]) => (
            <Value key={name} name={name} value={value} />
          ))}
        </dl>
        {reasons.map(({ code, text }) => (
          <p key={code} className="small soft">
            {text}
          </p>
        ))}
        {task.problem === undefined ? null : <Problem problem={task.problem} />}
      </div>
      {state === 'suspicious' ? (
        <span className="row">
          <button type="button" className="button button-main" disabled={task.isBusy} onClick={() => review('approve')}>
            It is real
          </button>
          <button type="button" className="button" disabled={task.isBusy} onClick={() => review('refuse')}>
            Refuse it
          </button>
        </span>
      ) : null}
    </li>
  );
}

function Value({ name, value }: { readonly name: string; readonly value: string | boolean | number }) {
  return (
    <>
      <dt className="wrap-anywhere">{name}</dt>
      <dd>{typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)}</dd>
    </>
  );
}
