import { useState } from 'react';
import './places.css';
import { placesApi } from '../../api/customers/places.ts';
import type { Candidate, PlaceDefinition, PlaceDetail } from '../../api/customers/places.ts';
import { useResource } from '../../api/use-resource.ts';
import { navigate, withQuery } from '../../routing/router.ts';
import type { Place } from '../../routing/router.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Empty } from '../../ui/empty.tsx';
import { JsonView } from '../../ui/json-view.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { tellShare } from '../../ui/number.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { RoomTabs } from '../../ui/room-tabs.tsx';
import { PlaceEditor } from './place-editor.tsx';
import { PlaceResults } from './place-results.tsx';
import { PlaceSnippets } from './place-snippets.tsx';

const REFRESH_MS = 10_000;

const PARTS = [
  { show: '', text: 'How they do' },
  { show: 'edit', text: 'Candidates and rules' },
  { show: 'code', text: 'In your page' },
] as const;

/** One place: how its candidates do, what they are, and how an application asks. */
export function PlaceScreen({ id, place: address }: { readonly id: string; readonly place: Place }) {
  const place = useResource(`place:${id}`, (signal) => placesApi.get(id, signal));
  const [isRemoving, setRemoving] = useState(false);
  const [said, setSaid] = useState(address.query.get('saved') === 'new' ? 'Saved. Applications can ask for it now.' : '');
  const show = address.query.get('show') ?? '';
  const { value } = place;
  return (
    <>
      <PageHead
        title={value?.place.title ?? id}
        back={{ href: '/places', text: 'Places' }}
        lead="What may be shown here, when, and what people make of it."
      >
        {value === undefined ? null : (
          <>
            <span className="chip">version {value.version}</span>
            <button type="button" className="button button-bad" onClick={() => setRemoving(true)}>
              Delete
            </button>
          </>
        )}
      </PageHead>
      <p role="status" className={said === '' ? 'visually-hidden' : 'said'}>
        {said}
      </p>
      <RoomTabs
        label="Parts of this place"
        tabs={PARTS.map((part) => ({ href: withQuery(address, 'show', part.show), text: part.text }))}
        current={withQuery(address, 'show', show)}
      />
      <Loaded resource={place}>
        {(detail) =>
          show === 'edit' ? (
            <PlaceEditor
              key={detail.version}
              place={detail.place}
              version={detail.version}
              onSaved={({ version, isChanged }) => {
                setSaid(isChanged ? `Saved as version ${String(version)}. It is in force.` : 'It was like this already.');
                place.reload();
              }}
            />
          ) : show === 'code' ? (
            <PlaceSnippets place={detail.place} />
          ) : (
            <Doing id={id} detail={detail} />
          )
        }
      </Loaded>
      {isRemoving && value !== undefined ? (
        <Confirm
          title={`Delete ${value.place.title ?? id}?`}
          action="Delete the place"
          isGrave
          onClose={() => setRemoving(false)}
          onConfirm={async () => {
            await placesApi.remove(id);
            navigate('/places');
          }}
        >
          <p>Whoever asks for it is told that there is no such place. Its results stay.</p>
        </Confirm>
      ) : null}
    </>
  );
}

function Doing({ id, detail }: { readonly id: string; readonly detail: PlaceDetail }) {
  const results = useResource(`place-results:${id}`, (signal) => placesApi.results(id, signal), REFRESH_MS);
  return (
    <div className="stack">
      <section className="panel" aria-labelledby="results-title">
        <div className="panel-head">
          <h2 id="results-title">How they do</h2>
        </div>
        <Loaded resource={results} skeletonLines={4}>
          {(items) =>
            items.every(({ shown }) => shown === 0) ? (
              <Empty icon="split" title="Nothing was shown yet">
                Figures come with the feedback that your application sends: shown, clicked, dismissed.
              </Empty>
            ) : (
              <PlaceResults items={items} detail={detail} />
            )
          }
        </Loaded>
      </section>
      <Candidates place={detail.place} />
    </div>
  );
}

function Candidates({ place: { candidates, fallback, strategy } }: { readonly place: PlaceDefinition }) {
  return (
    <ol className="stack" aria-label="Candidates">
      {candidates.map((candidate) => (
        <CandidateCard key={candidate.id} candidate={candidate} isWeighted={strategy === 'weighted'} />
      ))}
      <li className="panel">
        <div className="panel-head">
          <h2>Fallback</h2>
          <span className="small soft">when nothing else fits, or there is no time</span>
        </div>
        <div className="panel-body">
          <JsonView value={fallback} label="Content of the fallback" />
        </div>
      </li>
    </ol>
  );
}

function CandidateCard({ candidate, isWeighted }: { readonly candidate: Candidate; readonly isWeighted: boolean }) {
  const { id, title, when, priority, weight, holdoutRatio, limitPerPerson, content } = candidate;
  const facts = [
    priority === undefined ? '' : `priority ${String(priority)}`,
    isWeighted ? `weight ${String(weight ?? 1)}` : '',
    holdoutRatio === undefined ? '' : `${tellShare(holdoutRatio)} held out`,
    limitPerPerson === undefined ? '' : `at most ${String(limitPerPerson.times)} in ${limitPerPerson.within}`,
  ];
  return (
    <li className="panel">
      <div className="panel-head">
        <h2>{title ?? id}</h2>
        <span className="small soft number">{facts.filter(Boolean).join(' · ')}</span>
      </div>
      <div className="panel-body stack-tight">
        <p className="small soft">{when === undefined ? 'Shown to everybody.' : 'Shown when this holds:'}</p>
        {when === undefined ? null : <code className="rule-written wrap-anywhere">{when}</code>}
        <JsonView value={content} label={`Content of ${title ?? id}`} />
      </div>
    </li>
  );
}
