import { useId, useMemo, useRef, useState } from 'react';
import type { SubmitEvent } from 'react';
import { api } from '../../api/client.ts';
import type { NewBroadcast, PipelineInfo } from '../../api/types.ts';
import { Choice } from '../../ui/choice.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { tellPlural } from '../../ui/number.ts';
import { text } from '../../ui/person-name.ts';
import { draftInput, readInput } from './input-draft.ts';
import { InputFields } from './input-fields.tsx';
import { asObject } from './read-definition.ts';

type Target = 'own' | 'list' | 'segment';

/** Asks to whom and how fast, and once more before it is sent. */
export function BroadcastForm({ pipeline, onSent }: { readonly pipeline: PipelineInfo; readonly onSent: () => void }) {
  const { id, environment = 'production', inputSchema, isPaused } = pipeline;
  const ownSegment = text(asObject(pipeline.trigger['broadcast'])['segment']);
  const [target, setTarget] = useState<Target>(ownSegment === '' ? 'list' : 'own');
  const [people, setPeople] = useState('');
  const [segment, setSegment] = useState('');
  const [perMinute, setPerMinute] = useState('');
  const [isTest, setTest] = useState(false);
  const first = useMemo(() => draftInput(pipeline), [pipeline]);
  const [draft, setDraft] = useState(first);
  const [isAsking, setAsking] = useState(false);
  const key = useRef('');
  const formId = useId();
  const ids = [...new Set(people.split(/[\s,;]+/).filter((each) => each !== ''))];
  const input = readInput(inputSchema, draft);
  const isReady = input.value !== undefined && (target === 'own' || (target === 'list' ? ids.length > 0 : segment.trim() !== ''));
  const toWhom =
    target === 'list'
      ? tellPlural(ids.length, 'person', 'people')
      : `everybody in segment ${target === 'own' ? ownSegment : segment.trim()}`;

  function ask(event: SubmitEvent): void {
    event.preventDefault();
    key.current = crypto.randomUUID();
    setAsking(true);
  }
  async function send(): Promise<void> {
    const broadcast: NewBroadcast = {
      ...(target === 'list' ? { people: ids } : target === 'segment' ? { segment: segment.trim() } : {}),
      ...(perMinute === '' ? {} : { perMinute: Number(perMinute) }),
      ...(input.value === undefined || Object.keys(input.value).length === 0 ? {} : { input: input.value }),
      ...(isTest ? { isTest } : {}),
    };
    await api.sendBroadcast(id, environment, broadcast, key.current);
    onSent();
  }
  return (
    <section className="panel" aria-labelledby={`${formId}-title`}>
      <div className="panel-head">
        <h2 id={`${formId}-title`}>Send it</h2>
      </div>
      <form className="panel-body stack" onSubmit={ask}>
        {isPaused ? <p className="notice">This pipeline is paused: resume it before you send.</p> : null}
        <Choice<Target>
          legend="To whom"
          value={target}
          onChange={setTarget}
          options={[
            ...(ownSegment === '' ? [] : [{ value: 'own' as const, text: `Segment ${ownSegment}`, hint: 'What the pipeline says.' }]),
            { value: 'list', text: 'These people' },
            { value: 'segment', text: ownSegment === '' ? 'A segment' : 'Another segment' },
          ]}
        />
        {target === 'list' ? (
          <div className="field">
            <label htmlFor={`${formId}-people`}>Ids of people</label>
            <textarea
              id={`${formId}-people`}
              className="input mono"
              rows={4}
              aria-describedby={`${formId}-people-hint`}
              value={people}
              onChange={(change) => setPeople(change.target.value)}
            />
            <p id={`${formId}-people-hint`} className="field-hint" role="status">
              {ids.length === 0 ? 'One a line.' : `${tellPlural(ids.length, 'person', 'people')}, each once.`}
            </p>
          </div>
        ) : null}
        {target === 'segment' ? (
          <div className="field">
            <label htmlFor={`${formId}-segment`}>Segment</label>
            <input
              id={`${formId}-segment`}
              className="input"
              autoComplete="off"
              value={segment}
              onChange={(change) => setSegment(change.target.value)}
            />
          </div>
        ) : null}
        <div className="field">
          <label htmlFor={`${formId}-pace`}>People a minute, at most</label>
          <input
            id={`${formId}-pace`}
            className="input"
            inputMode="numeric"
            autoComplete="off"
            value={perMinute}
            onChange={(change) => setPerMinute(change.target.value.replaceAll(/\D/g, ''))}
          />
          <p className="field-hint">What the pipeline says when it is empty.</p>
        </div>
        {inputSchema === undefined ? null : <InputFields schema={inputSchema} draft={draft} faults={input.faults} onChange={setDraft} />}
        <label className="check">
          <input type="checkbox" checked={isTest} onChange={(change) => setTest(change.target.checked)} />
          Test: reach sandboxes only
        </label>
        <div className="row">
          <button type="submit" className="button button-main" disabled={!isReady || isPaused}>
            Send …
          </button>
        </div>
      </form>
      {isAsking ? (
        <Confirm title={`Send to ${toWhom}?`} action={`Send to ${toWhom}`} onClose={() => setAsking(false)} onConfirm={send}>
          <p>
            Each gets one run of <strong>{pipeline.title || id}</strong>, version {pipeline.version}
            {isTest ? ', and sandboxes only are reached.' : ', for real.'} Opt-outs and caps hold as always. You may pause and cancel while
            it goes; what was sent is sent.
          </p>
        </Confirm>
      ) : null}
    </section>
  );
}
