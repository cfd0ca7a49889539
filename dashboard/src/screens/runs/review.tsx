import { useState } from 'react';
import { toApiProblem } from '../../api/api-problem.ts';
import type { ApiProblem } from '../../api/api-problem.ts';
import { api } from '../../api/client.ts';
import type { ReviewDecision, Run } from '../../api/types.ts';
import { Icon } from '../../ui/icon.tsx';
import { Problem } from '../../ui/problem.tsx';

const CHOICES: readonly { readonly decision: ReviewDecision; readonly button: string; readonly means: string }[] = [
  {
    decision: 'happened',
    button: 'It happened',
    means: 'You saw its effect at the service. The step counts as succeeded and the run goes on.',
  },
  { decision: 'retry', button: 'Do it again', means: 'You made sure that it did not happen. The step is called once more.' },
  { decision: 'fail', button: 'Let it fail', means: 'The step counts as failed; what the pipeline says for errors follows.' },
];

/** Lets a person decide on a step of which nobody knows whether it took effect. */
export function Review({ run, onResolved }: { readonly run: Run; readonly onResolved: () => void }) {
  const [deciding, setDeciding] = useState<ReviewDecision | undefined>(undefined);
  const [problem, setProblem] = useState<ApiProblem | undefined>(undefined);
  const step = run.steps.find((each) => each.state === 'needs_review');

  async function decide(decision: ReviewDecision): Promise<void> {
    setDeciding(decision);
    setProblem(undefined);
    try {
      await api.resolveRun(run.id, decision);
      onResolved();
    } catch (thrown) {
      setProblem(toApiProblem(thrown));
    } finally {
      setDeciding(undefined);
    }
  }
  return (
    <section className="panel review" aria-labelledby="review-title">
      <h2 id="review-title">
        <Icon name="hand" /> Did <code>{step?.action ?? 'the step'}</code> happen?
      </h2>
      <p className="small soft">
        Tendril stopped while this call was on its way, and the service cannot be asked. It is never repeated by itself, as that could do
        the same thing twice. Look at the service, then decide.
      </p>
      {problem === undefined ? null : <Problem problem={problem} />}
      <ul className="review-choices">
        {CHOICES.map(({ decision, button, means }) => (
          <li key={decision}>
            <button
              type="button"
              className={`button${decision === 'fail' ? ' button-bad' : ''}`}
              disabled={deciding !== undefined}
              aria-describedby={`means-${decision}`}
              onClick={() => void decide(decision)}
            >
              {deciding === decision ? 'Saving…' : button}
            </button>
            <span id={`means-${decision}`} className="small soft">
              {means}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
