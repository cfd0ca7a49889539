import { useId, useState } from 'react';
import type { SubmitEvent } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { ConditionPart, DryRunAnswer, Json, JsonObject, LoggedEvent, PipelineInfo } from '../../api/types.ts';
import { Empty } from '../../ui/empty.tsx';
import { JsonInput, readObject } from '../../ui/json-input.tsx';
import { tellAbsolute, toMs } from '../../ui/instant.ts';
import { PersonInput } from '../../ui/person-input.tsx';
import { text } from '../../ui/person-name.ts';
import { Problem } from '../../ui/problem.tsx';
import { useTask } from '../../ui/use-task.ts';
import { Faults } from './faults.tsx';
import { draftEvent, draftInput, readInput } from './input-draft.ts';
import { InputFields } from './input-fields.tsx';
import type { PipelinePartProps } from './pipeline-screen.tsx';
import { Conditions } from './start-reasons.tsx';
import { nameNotStarted } from './start-words.ts';
import { asObject } from './read-definition.ts';
import { SimulationView } from './simulation-view.tsx';

/** Plays one run through without any effect: what would be called, what would be held back, how long it would take. */
export function DryRun({ pipeline }: PipelinePartProps) {
  const { id, environment = 'production', inputSchema } = pipeline;
  const isOfEvent = 'event' in pipeline.trigger;
  const [event, setEvent] = useState(() => draftEvent(pipeline));
  const [draft, setDraft] = useState(() => draftInput(pipeline));
  const [person, setPerson] = useState('');
  const [answer, setAnswer] = useState<DryRunAnswer | undefined>(undefined);
  const [isShowingFaults, setShowingFaults] = useState(false);
  const task = useTask();
  const formId = useId();
  const input = readInput(inputSchema, draft);
  const refusal = task.problem?.code === 'RUN_NOT_STARTED' ? text(task.problem.details?.['code']) : undefined;
  const given = isOfEvent ? readObject(event).value : input.value;

  function play(submitted: SubmitEvent): void {
    submitted.preventDefault();
    setShowingFaults(true);
    if (given === undefined) return;
    const asked: JsonObject = {
      id,
      environment,
      ...(isOfEvent ? { event: given } : Object.keys(given).length === 0 ? {} : { input: given }),
      ...(person === '' ? {} : { person }),
    };
    setAnswer(undefined);
    void task.run(async () => setAnswer(await api.dryRun(asked)));
  }
  function take(taken: LoggedEvent): void {
    setEvent(JSON.stringify(toTracked(taken), null, 2));
    if (taken.profileId !== undefined) setPerson(taken.profileId);
  }
  return (
    <div className="ask">
      <section className="panel" aria-labelledby={`${formId}-title`}>
        <div className="panel-head">
          <h2 id={`${formId}-title`}>Play it through</h2>
        </div>
        <form className="panel-body stack" onSubmit={play} noValidate>
          <p className="small soft">Reads are done, everything else is held back, and waits take no time.</p>
          {isOfEvent ? (
            <>
              <LatestEvents pipeline={pipeline} onTake={take} />
              <JsonInput
                id={`${formId}-event`}
                label="Event"
                hint="As the tracking API takes it."
                rows={10}
                value={event}
                onChange={setEvent}
              />
            </>
          ) : (
            <InputFields schema={inputSchema} draft={draft} faults={isShowingFaults ? input.faults : {}} onChange={setDraft} />
          )}
          <PersonInput
            label="Person"
            hint="Id of whom it is about; the event’s own person, or nobody, when it is empty."
            value={person}
            onChange={setPerson}
          />
          {task.problem === undefined || refusal !== undefined ? null : <Problem problem={task.problem} />}
          <div className="row">
            <button type="submit" className="button button-main" disabled={task.isBusy || given === undefined}>
              {task.isBusy ? 'Playing…' : 'Play it through'}
            </button>
          </div>
        </form>
      </section>
      <div className="stack" aria-live="polite">
        {refusal === undefined ? null : (
          <section className="panel">
            <Empty icon="forward" title="It would start nothing">
              {nameNotStarted(refusal)}.
            </Empty>
            <div className="panel-body">
              <Conditions conditions={readConditions(task.problem)} />
            </div>
          </section>
        )}
        {answer?.faults === undefined || answer.faults.length === 0 ? null : <Faults faults={answer.faults} />}
        {answer?.simulation === undefined ? null : <SimulationView simulation={answer.simulation} />}
      </div>
    </div>
  );
}

/** The parts of the condition that a refusal names. */
function readConditions(problem: ApiProblem | undefined): readonly ConditionPart[] {
  const conditions: Json | undefined = problem?.details?.['conditions'];
  if (!Array.isArray(conditions)) return [];
  return (conditions as readonly Json[]).map(asObject).map((part) => ({
    expression: text(part['expression']),
    value: part['value'] ?? null,
    isMet: part['isMet'] === true,
    ...(typeof part['problem'] === 'string' ? { problem: part['problem'] } : {}),
  }));
}

/** Events of the trigger's name that came last, to try it with. */
function LatestEvents({ pipeline, onTake }: { readonly pipeline: PipelineInfo; readonly onTake: (event: LoggedEvent) => void }) {
  const id = useId();
  const name = text(pipeline.trigger['event']);
  const latest = useResource(`latest:${name}`, (signal) => api.events({ name, limit: 10 }, signal));
  const items = latest.value?.items ?? [];
  if (items.length === 0) return null;
  return (
    <div className="field">
      <label htmlFor={id}>Take one that came</label>
      <select
        id={id}
        className="select"
        value=""
        onChange={(change) => {
          const taken = items.find((event) => event.id === change.target.value);
          if (taken !== undefined) onTake(taken);
        }}
      >
        <option value="">Choose …</option>
        {items.map((event) => (
          <option key={event.id} value={event.id}>
            {tellAbsolute(toMs(event.receivedAt))} {text(event.identities['userId']) || event.profileId}
          </option>
        ))}
      </select>
    </div>
  );
}

/** An event of the log as the tracking API would take it. */
function toTracked({ kind, name, identities, properties, traits, context, occurredAt }: LoggedEvent): JsonObject {
  return {
    type: kind === 'hub' ? 'track' : kind,
    ...(kind === 'track' || kind === 'hub' ? { event: name } : {}),
    ...identities,
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(Object.keys(traits).length === 0 ? {} : { traits }),
    ...(Object.keys(context).length === 0 ? {} : { context }),
    timestamp: new Date(toMs(occurredAt)).toISOString(),
  };
}
