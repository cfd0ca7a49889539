import { useId, useState } from 'react';
import type { SubmitEvent } from 'react';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { Resource } from '../../api/use-resource.ts';
import type { Backfill, JsonObject, Page } from '../../api/types.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { tellAbsolute, toMs } from '../../ui/instant.ts';
import { Loaded } from '../../ui/loaded.tsx';
import { tellCount, tellPlural } from '../../ui/number.ts';
import { Problem } from '../../ui/problem.tsx';
import { Progress } from '../../ui/progress.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { useTask } from '../../ui/use-task.ts';
import type { PipelinePartProps } from './pipeline-screen.tsx';

const REFRESH_MS = 2_000;
const DAY_MS = 86_400_000;

/** Starts runs for events that came before; counts them first. */
export function Backfills({ pipeline }: PipelinePartProps) {
  const { id, environment = 'production' } = pipeline;
  const [from, setFrom] = useState(() => toLocal(Date.now() - DAY_MS));
  const [to, setTo] = useState('');
  const [perMinute, setPerMinute] = useState('');
  const [counted, setCounted] = useState<{ readonly asked: JsonObject; readonly backfill: Backfill } | undefined>(undefined);
  const [isAsking, setAsking] = useState(false);
  const backfills = useResource('backfills', (signal) => api.backfills(signal), REFRESH_MS);
  const task = useTask();
  const formId = useId();
  const fromMs = Date.parse(from);
  const isReady = !Number.isNaN(fromMs) && (perMinute === '' || Number(perMinute) >= 1);

  function count(event: SubmitEvent): void {
    event.preventDefault();
    const asked: JsonObject = {
      from: new Date(fromMs).toISOString(),
      ...(to === '' ? {} : { to: new Date(Date.parse(to)).toISOString() }),
      ...(perMinute === '' ? {} : { perMinute: Number(perMinute) }),
    };
    void task.run(async () => setCounted({ asked, backfill: await api.backfill(id, environment, { ...asked, isDry: true }) }));
  }
  function forgetCount(): void {
    setCounted(undefined);
  }
  return (
    <div className="ask">
      <section className="panel" aria-labelledby={`${formId}-title`}>
        <div className="panel-head">
          <h2 id={`${formId}-title`}>Start runs for past events</h2>
        </div>
        <form className="panel-body stack" onSubmit={count} onChange={forgetCount}>
          <p className="small soft">An event that started a run before starts none. It is counted first, without any effect.</p>
          <div className="field">
            <label htmlFor={`${formId}-from`}>Events that came after</label>
            <input
              id={`${formId}-from`}
              className="input"
              type="datetime-local"
              required
              value={from}
              onChange={(change) => setFrom(change.target.value)}
            />
          </div>
          <div className="field">
            <label htmlFor={`${formId}-to`}>And before</label>
            <input
              id={`${formId}-to`}
              className="input"
              type="datetime-local"
              value={to}
              onChange={(change) => setTo(change.target.value)}
            />
            <p className="field-hint">Until now when it is empty.</p>
          </div>
          <div className="field">
            <label htmlFor={`${formId}-pace`}>Starts a minute, at most</label>
            <input
              id={`${formId}-pace`}
              className="input"
              inputMode="numeric"
              autoComplete="off"
              value={perMinute}
              onChange={(change) => setPerMinute(change.target.value.replaceAll(/\D/g, ''))}
            />
          </div>
          {task.problem === undefined ? null : <Problem problem={task.problem} />}
          {counted === undefined ? null : (
            <p role="status" className="small">
              <span className="counted">{tellPlural(counted.backfill.started, 'run')}</span> would start, of{' '}
              {tellPlural(counted.backfill.events, 'event')}.
            </p>
          )}
          <div className="row">
            <button type="submit" className="button" disabled={!isReady || task.isBusy}>
              {task.isBusy ? 'Counting…' : 'Count first'}
            </button>
            {counted === undefined ? null : (
              <button
                type="button"
                className="button button-main"
                disabled={counted.backfill.started === 0}
                onClick={() => setAsking(true)}
              >
                Start {tellPlural(counted.backfill.started, 'run')}
              </button>
            )}
          </div>
        </form>
      </section>
      <BackfillList
        backfills={(backfills.value?.items ?? []).filter((each) => each.pipeline === id)}
        resource={backfills}
        onChanged={backfills.reload}
      />
      {isAsking && counted !== undefined ? (
        <Confirm
          title="Start them for real?"
          action={`Start ${tellPlural(counted.backfill.started, 'run')}`}
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await api.backfill(id, environment, counted.asked);
            forgetCount();
            backfills.reload();
          }}
        >
          <p>Each run has its effects now, for something that happened then. It can be stopped while it goes.</p>
        </Confirm>
      ) : null}
    </div>
  );
}

interface BackfillListProps {
  readonly backfills: readonly Backfill[];
  readonly resource: Resource<Page<Backfill>>;
  readonly onChanged: () => void;
}

function BackfillList({ backfills, resource, onChanged }: BackfillListProps) {
  return (
    <section className="panel" aria-labelledby="backfills-title">
      <div className="panel-head">
        <h2 id="backfills-title">Backfills</h2>
      </div>
      <Loaded resource={resource} skeletonLines={2}>
        {() =>
          backfills.length === 0 ? (
            <p className="panel-body small soft">None so far.</p>
          ) : (
            <ul className="simulated">
              {backfills.map((backfill) => (
                <BackfillLine key={backfill.id} backfill={backfill} onChanged={onChanged} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}

function BackfillLine({ backfill, onChanged }: { readonly backfill: Backfill; readonly onChanged: () => void }) {
  const { position, state } = backfill;
  const task = useTask();
  return (
    <li className="simulated-step">
      <div className="row-between">
        <span className="small">
          {tellAbsolute(toMs(backfill.from))} to {tellAbsolute(toMs(backfill.to))}
        </span>
        <StateChip state={state} />
      </div>
      <Progress
        label="Positions of the log"
        done={Math.max(0, position.now - position.first)}
        all={Math.max(0, position.last - position.first)}
      />
      <div className="row-between">
        <span className="small soft">
          {tellCount(backfill.started)} started of {tellPlural(backfill.events, 'event')}
        </span>
        {state === 'running' ? (
          <button
            type="button"
            className="button button-bad"
            disabled={task.isBusy}
            onClick={() =>
              void task.run(async () => {
                await api.cancelBackfill(backfill.id);
                onChanged();
              })
            }
          >
            Stop
          </button>
        ) : null}
      </div>
      {task.problem === undefined ? null : <Problem problem={task.problem} />}
    </li>
  );
}

/** A moment as an input for date and time takes it, in the reader's time zone. */
function toLocal(atMs: number): string {
  const at = new Date(atMs);
  return new Date(atMs - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
