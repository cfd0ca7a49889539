import { useState } from 'react';
import type { SubmitEvent } from 'react';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { Environment, Explanation } from '../../api/types.ts';
import { Link } from '../../routing/link.tsx';
import { navigate, withQuery } from '../../routing/router.ts';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { PersonInput } from '../../ui/person-input.tsx';
import { Sentence } from '../../ui/sentence.tsx';
import type { PipelinePartProps } from './pipeline-screen.tsx';
import { StartReasons } from './start-reasons.tsx';

/** Why the pipeline did or did not do something for a person; the person stands in the address. */
export function Explain({ pipeline, place }: PipelinePartProps) {
  const asked = place.query.get('person') ?? '';
  const [person, setPerson] = useState(asked);
  function ask(event: SubmitEvent): void {
    event.preventDefault();
    navigate(withQuery(place, 'person', person), { isReplacing: true });
  }
  return (
    <div className="ask">
      <section className="panel" aria-labelledby="explain-title">
        <div className="panel-head">
          <h2 id="explain-title">Why, or why not?</h2>
        </div>
        <form className="panel-body stack" onSubmit={ask}>
          <PersonInput label="Person" hint="An id, or an identity such as userId:7." value={person} onChange={setPerson} />
          <div className="row">
            <button type="submit" className="button button-main" disabled={person === ''}>
              Explain
            </button>
          </div>
        </form>
      </section>
      {asked === '' ? null : <Answer id={pipeline.id} environment={pipeline.environment ?? 'production'} person={asked} />}
    </div>
  );
}

function Answer({ id, environment, person }: { readonly id: string; readonly environment: Environment; readonly person: string }) {
  const explanation = useResource(`explain:${id}:${environment}:${person}`, (signal) => api.explain(id, environment, person, signal));
  return (
    <section className="panel" aria-labelledby="explained-title" aria-live="polite">
      <div className="panel-head">
        <h2 id="explained-title">Explanation</h2>
      </div>
      <Loaded resource={explanation} skeletonLines={4}>
        {(value) => <Explained explanation={value} />}
      </Loaded>
    </section>
  );
}

function Explained({ explanation: { summary, personId, starts, heldBack } }: { readonly explanation: Explanation }) {
  return (
    <div className="panel-body stack">
      <p className="explained-summary">
        <Sentence text={summary} />
      </p>
      <p className="small">
        <Link href={`/people/${encodeURIComponent(personId)}`}>The person</Link>
      </p>
      {heldBack.length === 0 ? null : (
        <div className="stack-tight">
          <h3>Held back</h3>
          <ul className="caveats">
            {heldBack.map((held) => (
              <li key={held.runId + held.path}>
                <code>{held.action}</code>: {held.reason}{' '}
                <Link href={`/runs/${encodeURIComponent(held.runId)}`}>
                  run of <Moment at={held.at} />
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
      {starts.length === 0 ? null : (
        <div className="stack-tight">
          <h3>Their last events of this name</h3>
          <StartReasons reasons={starts} isOfOnePipeline />
        </div>
      )}
    </div>
  );
}
