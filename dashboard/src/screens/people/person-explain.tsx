import { useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import { Link } from '../../routing/link.tsx';
import { pipelineAddress } from '../pipelines/pipeline-address.ts';

/** Leads to the explanation why a pipeline did or did not do something for a person. */
export function PersonExplain({ person }: { readonly person: string }) {
  const pipelines = useResource('pipelines', (signal) => api.pipelines(signal));
  const asked = (pipelines.value?.items ?? []).filter(({ trigger }) => 'event' in trigger);
  const [chosen, setChosen] = useState('');
  const id = useId();
  const [first] = asked;
  if (first === undefined) return null;
  const pipeline = asked.find((each) => keyOf(each) === chosen) ?? first;
  const address = new URL(pipelineAddress(pipeline.id, pipeline.environment, 'explain'), location.origin);
  address.searchParams.set('person', person);
  return (
    <section className="panel" aria-labelledby={`${id}-title`}>
      <div className="panel-head">
        <h2 id={`${id}-title`}>Why, or why not?</h2>
      </div>
      <div className="panel-body row">
        <label className="visually-hidden" htmlFor={`${id}-pipeline`}>
          Pipeline
        </label>
        <select id={`${id}-pipeline`} className="select" value={keyOf(pipeline)} onChange={(change) => setChosen(change.target.value)}>
          {asked.map((each) => (
            <option key={keyOf(each)} value={keyOf(each)}>
              {each.title || each.id}
              {each.environment === undefined || each.environment === 'production' ? '' : ` (${each.environment})`}
            </option>
          ))}
        </select>
        <Link href={address.pathname + address.search} className="button">
          Explain
        </Link>
      </div>
    </section>
  );
}

function keyOf({ id, environment = 'production' }: { readonly id: string; readonly environment?: string }): string {
  return `${environment}/${id}`;
}
