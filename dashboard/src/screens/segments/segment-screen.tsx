import { useState } from 'react';
import './segments.css';
import { segmentsApi } from '../../api/customers/segments.ts';
import type { Segment } from '../../api/customers/segments.ts';
import { useResource } from '../../api/use-resource.ts';
import { Link } from '../../routing/link.tsx';
import { navigate, withQuery } from '../../routing/router.ts';
import type { Place } from '../../routing/router.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { tellPlural } from '../../ui/number.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { RoomTabs } from '../../ui/room-tabs.tsx';
import { DefinitionState } from './definition-state.tsx';
import { SegmentEditor } from './segment-editor.tsx';
import { SegmentMembers } from './segment-members.tsx';
import { tellSaved } from './tell-saved.ts';

const REFRESH_MS = 4_000;

/** One segment: who is in, and what says so. */
export function SegmentScreen({ name, place }: { readonly name: string; readonly place: Place }) {
  const segment = useResource(`segment:${name}`, (signal) => segmentsApi.get(name, signal), REFRESH_MS);
  const [isRemoving, setRemoving] = useState(false);
  const [said, setSaid] = useState(
    place.query.get('saved') === 'new' ? tellSaved({ name, isNew: true, isChanged: true, warnings: [] }) : '',
  );
  const { value } = segment;
  const isEditing = place.query.get('show') === 'condition';
  return (
    <>
      <PageHead
        title={value === undefined ? name : value.title || name}
        back={{ href: '/segments', text: 'Segments' }}
        lead={value?.description || undefined}
      >
        {value === undefined ? null : (
          <button type="button" className="button button-bad" onClick={() => setRemoving(true)}>
            Delete
          </button>
        )}
      </PageHead>
      <p role="status" className={said === '' ? 'visually-hidden' : 'said'}>
        {said}
      </p>
      <RoomTabs
        label="Parts of this segment"
        tabs={[
          { href: withQuery(place, 'show', ''), text: 'Who is in' },
          { href: withQuery(place, 'show', 'condition'), text: 'Condition' },
        ]}
        current={withQuery(place, 'show', isEditing ? 'condition' : '')}
      />
      <Loaded resource={segment}>
        {(loaded) =>
          isEditing ? (
            <SegmentEditor
              segment={loaded}
              onSaved={(saved) => {
                setSaid(tellSaved(saved));
                segment.reload();
              }}
            />
          ) : (
            <div className="columns">
              {loaded.state === 'preparing' ? <NobodyYet /> : <SegmentMembers segment={loaded} />}
              <SegmentFacts segment={loaded} />
            </div>
          )
        }
      </Loaded>
      {isRemoving && value !== undefined ? (
        <Confirm
          title={`Delete ${value.title || name}?`}
          action="Delete the segment"
          isGrave
          onClose={() => setRemoving(false)}
          onConfirm={async () => {
            await segmentsApi.remove(name);
            navigate('/segments');
          }}
        >
          <p>
            {tellPlural(value.members, 'person', 'people')} will be in it no more, without an event for each. Pipelines that wait for it no
            longer start.
          </p>
          {value.usedBy.length === 0 ? null : (
            <p>
              <strong>These ask for it: {value.usedBy.join(', ')}.</strong> Change their conditions first.
            </p>
          )}
        </Confirm>
      ) : null}
    </>
  );
}

/** A first version has no members to ask for before it serves. */
function NobodyYet() {
  return (
    <section className="panel" aria-label="Who is in">
      <Empty icon="people" title="Nobody is in yet">
        It is being prepared: people appear when that is done.
      </Empty>
    </section>
  );
}

function SegmentFacts({ segment }: { readonly segment: Segment }) {
  return (
    <section className="panel" aria-labelledby="segment-facts">
      <div className="panel-head">
        <h2 id="segment-facts">What says so</h2>
        <span className="small faint">version {segment.version}</span>
      </div>
      <div className="panel-body stack-tight">
        <code className="rule-written wrap-anywhere">{segment.condition}</code>
        {segment.next === undefined ? null : (
          <>
            <p className="small soft">Version {segment.next.version} is being prepared:</p>
            <code className="rule-written wrap-anywhere">{segment.next.condition}</code>
          </>
        )}
        <dl className="facts">
          <dt>State</dt>
          <dd>
            <DefinitionState of={segment} />
          </dd>
          <dt>Name</dt>
          <dd className="mono">{segment.name}</dd>
          <dt>Depends on</dt>
          <dd>{segment.reads.length === 0 ? 'nothing' : segment.reads.map((read) => read.replace(':', ' ')).join(', ')}</dd>
          {segment.usedBy.length === 0 ? null : (
            <>
              <dt>Asked for by</dt>
              <dd>
                {segment.usedBy.map((each, index) => (
                  <span key={each}>
                    {index === 0 ? '' : ', '}
                    <Link href={`/segments/${encodeURIComponent(each)}`}>{each}</Link>
                  </span>
                ))}
              </dd>
            </>
          )}
        </dl>
      </div>
    </section>
  );
}
