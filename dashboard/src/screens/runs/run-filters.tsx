import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { RunFilter } from '../../api/types.ts';
import { useLive } from '../../live/live-context.ts';
import { Link } from '../../routing/link.tsx';
import { navigate, withQuery } from '../../routing/router.ts';
import type { Place } from '../../routing/router.ts';
import { tellCount } from '../../ui/number.ts';
import { nameState } from '../../ui/state-chip.tsx';
import { ENVIRONMENTS } from '../pipelines/pipeline-address.ts';

const STATES = ['running', 'sleeping', 'needs_approval', 'needs_review', 'blocked', 'succeeded', 'failed', 'stopped', 'cancelled'] as const;

/** Which runs are shown; kept in the address, so that it can be sent to somebody. */
export function RunFilters({ place, filter }: { readonly place: Place; readonly filter: RunFilter }) {
  const counts = useLive((snapshot) => snapshot.overview?.runs);
  const state = filter.state ?? '';
  const change = (name: string, value: string): void => navigate(withQuery(place, name, value), { isReplacing: true });
  return (
    <div className="toolbar run-filters">
      <nav className="segmented" aria-label="State">
        {['', ...STATES].map((each) => (
          <Link key={each} href={withQuery(place, 'state', each)} className="segment" aria-current={each === state ? 'true' : undefined}>
            {each === '' ? 'All' : nameState(each)}
            {each === '' || (counts?.[each] ?? 0) === 0 ? null : <span className="number faint">{tellCount(counts?.[each] ?? 0)}</span>}
          </Link>
        ))}
      </nav>
      <PipelineSelect value={filter.pipeline ?? ''} onChange={(value) => change('pipeline', value)} />
      <label className="visually-hidden" htmlFor="environment-filter">
        Environment
      </label>
      <select
        id="environment-filter"
        className="select"
        value={filter.environment ?? ''}
        onChange={(event) => change('environment', event.target.value)}
      >
        <option value="">All environments</option>
        {ENVIRONMENTS.map((each) => (
          <option key={each} value={each}>
            {nameState(each)}
          </option>
        ))}
      </select>
      <PersonInput key={filter.person} value={filter.person ?? ''} onChange={(value) => change('person', value)} />
      <TimeInput name="from" text="From" place={place} onChange={change} />
      <TimeInput name="to" text="To" place={place} onChange={change} />
      <Origins place={place} filter={filter} />
    </div>
  );
}

function PipelineSelect({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  const pipelines = useResource('pipelines', (signal) => api.pipelines(signal));
  const titles = new Map((pipelines.value?.items ?? []).map(({ id, title }) => [id, title || id]));
  if (value !== '' && !titles.has(value)) titles.set(value, value);
  return (
    <>
      <label className="visually-hidden" htmlFor="pipeline-filter">
        Pipeline
      </label>
      <select id="pipeline-filter" className="select" value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">All pipelines</option>
        {[...titles].map(([id, title]) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </select>
    </>
  );
}

/** Taken when one has finished typing: each letter would be a question to the hub. */
function PersonInput({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  const [typed, setTyped] = useState(value);
  return (
    <>
      <label className="visually-hidden" htmlFor="person-filter">
        Person
      </label>
      <input
        id="person-filter"
        className="input run-filter-person"
        type="search"
        placeholder="Id of a person"
        autoComplete="off"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          if (event.target.value === '') onChange('');
        }}
        onBlur={() => (typed === value ? undefined : onChange(typed))}
        onKeyDown={(event) => (event.key === 'Enter' ? onChange(typed) : undefined)}
      />
    </>
  );
}

interface TimeInputProps {
  readonly name: 'from' | 'to';
  readonly text: string;
  readonly place: Place;
  readonly onChange: (name: string, value: string) => void;
}

function TimeInput({ name, text, place, onChange }: TimeInputProps) {
  return (
    <label className="run-filter-time">
      <span className="small soft">{text}</span>
      <input
        className="input"
        type="datetime-local"
        value={place.query.get(name) ?? ''}
        onChange={(event) => onChange(name, event.target.value)}
      />
    </label>
  );
}

/** Conditions that come from a link of another screen, each to be taken away. */
function Origins({ place, filter }: { readonly place: Place; readonly filter: RunFilter }) {
  const origins = [
    { name: 'broadcastId', text: 'of one broadcast', value: filter.broadcastId },
    { name: 'parentId', text: 'called by one run', value: filter.parentId },
  ].filter(({ value }) => value !== undefined);
  return (
    <>
      {origins.map(({ name, text }) => (
        <Link key={name} href={withQuery(place, name, '')} className="segment" aria-current="true">
          {text} ×<span className="visually-hidden"> take this condition away</span>
        </Link>
      ))}
    </>
  );
}
