import { useId, useMemo, useRef, useState } from 'react';
import type { SubmitEvent } from 'react';
import { api } from '../../api/client.ts';
import type { JsonObject } from '../../api/types.ts';
import { navigate } from '../../routing/router.ts';
import { readObject } from '../../ui/json-input.tsx';
import { PersonInput } from '../../ui/person-input.tsx';
import { Problem } from '../../ui/problem.tsx';
import { useTask } from '../../ui/use-task.ts';
import { InputFields } from './input-fields.tsx';
import { draftInput, readInput } from './input-draft.ts';
import type { PipelinePartProps } from './pipeline-screen.tsx';

/** Starts one run, with a form made from what the pipeline takes, and leads to it. */
export function StartByHand({ pipeline }: PipelinePartProps) {
  const { id, environment = 'production', inputSchema, isPaused } = pipeline;
  const first = useMemo(() => draftInput(pipeline), [pipeline]);
  const [draft, setDraft] = useState(first);
  const [person, setPerson] = useState('');
  const [isTest, setTest] = useState(true);
  const [isShowingFaults, setShowingFaults] = useState(false);
  const task = useTask();
  const titleId = useId();
  // The same key until it has worked: a second press, or a retry after a lost answer, gives the same run.
  const key = useRef(crypto.randomUUID());
  const input = readInput(inputSchema, draft);

  function start(event: SubmitEvent): void {
    event.preventDefault();
    setShowingFaults(true);
    if (input.value === undefined) return;
    const asked: JsonObject = { input: input.value, isTest, ...(person === '' ? {} : { personId: person }) };
    void task.run(async () => {
      const { runId } = await api.startPipeline(id, environment, asked, key.current);
      navigate(`/runs/${encodeURIComponent(runId)}`);
    });
  }
  function change(next: typeof draft): void {
    key.current = crypto.randomUUID();
    task.forget();
    setDraft(next);
  }
  return (
    <section className="panel narrow" aria-labelledby={titleId}>
      <div className="panel-head">
        <h2 id={titleId}>Start one run</h2>
      </div>
      <form className="panel-body stack" onSubmit={start} noValidate>
        {isPaused ? <p className="notice">This pipeline is paused: resume it to start a run.</p> : null}
        {'event' in pipeline.trigger ? (
          <p className="small soft">Events start this pipeline. By hand its condition is not asked, and what stands below is the event.</p>
        ) : null}
        <InputFields schema={inputSchema} draft={draft} faults={isShowingFaults ? input.faults : {}} onChange={change} />
        <PersonInput
          label="Person"
          hint="Id of whom it is about; nobody when it is empty."
          value={person}
          onChange={(value) => {
            key.current = crypto.randomUUID();
            setPerson(value);
          }}
        />
        <label className="check">
          <input type="checkbox" checked={isTest} onChange={(event) => setTest(event.target.checked)} />
          Test: reach sandboxes only
        </label>
        {task.problem === undefined ? null : <Problem problem={task.problem} />}
        <div className="row">
          <button
            type="submit"
            className="button button-main"
            disabled={task.isBusy || isPaused || readObject(draft.json).fault !== undefined}
          >
            {task.isBusy ? 'Starting…' : isTest ? 'Start a test run' : 'Start the run'}
          </button>
        </div>
      </form>
    </section>
  );
}
