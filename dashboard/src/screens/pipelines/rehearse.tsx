import { useEffect, useId, useRef, useState } from 'react';
import type { SubmitEvent } from 'react';
import { api } from '../../api/client.ts';
import type { RehearsalAnswer } from '../../api/types.ts';
import { Problem } from '../../ui/problem.tsx';
import { Progress } from '../../ui/progress.tsx';
import { useTask } from '../../ui/use-task.ts';
import { Faults } from './faults.tsx';
import type { PipelinePartProps } from './pipeline-screen.tsx';
import { RehearsalView } from './rehearsal-view.tsx';

const DAY_MS = 86_400_000;
const SPANS = [
  { days: 1, text: 'Last day' },
  { days: 7, text: 'Last 7 days' },
  { days: 30, text: 'Last 30 days' },
  { days: 90, text: 'Last 90 days' },
] as const;

/** Plays every run through that the stored log would have started: whom it would have reached, and what it would have cost. */
export function Rehearse({ pipeline }: PipelinePartProps) {
  const [days, setDays] = useState(7);
  const [progress, setProgress] = useState<{ readonly done: number; readonly all: number } | undefined>(undefined);
  const [answer, setAnswer] = useState<RehearsalAnswer | undefined>(undefined);
  const abort = useRef<AbortController | undefined>(undefined);
  const task = useTask();
  const id = useId();
  useEffect(() => () => abort.current?.abort(), []);

  function rehearse(event: SubmitEvent): void {
    event.preventDefault();
    const { id: pipelineId, environment = 'production' } = pipeline;
    abort.current = new AbortController();
    const { signal } = abort.current;
    setProgress({ done: 0, all: 0 });
    setAnswer(undefined);
    void task.run(async () => {
      const asked = { id: pipelineId, environment, lastMs: days * DAY_MS };
      setAnswer(await api.rehearse(asked, (done, all) => setProgress({ done, all }), signal));
    });
  }
  return (
    <div className="stack">
      <section className="panel" aria-labelledby={`${id}-title`}>
        <div className="panel-head">
          <h2 id={`${id}-title`}>What would it have done?</h2>
        </div>
        <form className="panel-body stack" onSubmit={rehearse}>
          <p className="small soft">Over the events that are stored, with the settings in force, without any effect.</p>
          <div className="row">
            <label className="visually-hidden" htmlFor={`${id}-days`}>
              How far back
            </label>
            <select id={`${id}-days`} className="select" value={days} onChange={(change) => setDays(Number(change.target.value))}>
              {SPANS.map((span) => (
                <option key={span.days} value={span.days}>
                  {span.text}
                </option>
              ))}
            </select>
            <button type="submit" className="button button-main" disabled={task.isBusy}>
              {task.isBusy ? 'Rehearsing…' : 'Rehearse'}
            </button>
            {task.isBusy ? (
              <button type="button" className="button" onClick={() => abort.current?.abort()}>
                Stop
              </button>
            ) : null}
          </div>
          {task.isBusy && progress !== undefined ? (
            <Progress label="Events of the log" done={progress.done} all={progress.all === 0 ? undefined : progress.all} />
          ) : null}
          {task.problem === undefined ? null : <Problem problem={task.problem} />}
        </form>
      </section>
      {answer?.faults === undefined || answer.faults.length === 0 ? null : <Faults faults={answer.faults} />}
      {answer?.rehearsal === undefined ? null : <RehearsalView rehearsal={answer.rehearsal} />}
    </div>
  );
}
