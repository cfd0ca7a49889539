import { useState } from 'react';
import '../segments/segments.css';
import { traitsApi } from '../../api/customers/segments.ts';
import type { ComputedTrait } from '../../api/customers/segments.ts';
import { useResource } from '../../api/use-resource.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { PeopleTabs } from '../people/people-tabs.tsx';
import { DefinitionState } from '../segments/definition-state.tsx';
import { tellSaved } from '../segments/tell-saved.ts';
import { TraitEditor } from './trait-editor.tsx';
import { tellTrait } from './trait-words.ts';

const REFRESH_MS = 4_000;

/** Traits that Tendril makes of events, kept up by themselves. */
export function TraitsScreen() {
  const traits = useResource('computed-traits', (signal) => traitsApi.list(signal), REFRESH_MS);
  const [editing, setEditing] = useState<ComputedTrait | 'new' | undefined>(undefined);
  const [removing, setRemoving] = useState<ComputedTrait | undefined>(undefined);
  const [said, setSaid] = useState('');
  return (
    <>
      <PageHead
        title="Computed traits"
        lead="Figures about each person, made of what they did: kept up event by event, and by the clock where time alone changes them."
      >
        <button type="button" className="button button-main" onClick={() => setEditing('new')}>
          New trait
        </button>
      </PageHead>
      <PeopleTabs current="/traits" />
      <p role="status" className={said === '' ? 'visually-hidden' : 'said'}>
        {said}
      </p>
      <section className="panel" aria-label="Computed traits">
        <Loaded resource={traits}>
          {(items) =>
            items.length === 0 ? (
              <Empty icon="overview" title="No computed trait yet">
                One counts orders, sums up what was spent, or keeps the last page that somebody looked at. Conditions and templates read it
                like any other trait.
              </Empty>
            ) : (
              <ul className="definition-list">
                {items.map((trait) => (
                  <li key={trait.name}>
                    <div className="stack-tight">
                      <p>
                        <b className="mono">{trait.name}</b> <span className="soft">{trait.title}</span>
                      </p>
                      <p className="small soft wrap-anywhere">{tellTrait(trait.trait)}</p>
                    </div>
                    <DefinitionState of={trait} />
                    <span className="row">
                      <button type="button" className="button" onClick={() => setEditing(trait)}>
                        Change<span className="visually-hidden"> {trait.name}</span>
                      </button>
                      <button type="button" className="button button-bad" onClick={() => setRemoving(trait)}>
                        Delete<span className="visually-hidden"> {trait.name}</span>
                      </button>
                    </span>
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      </section>
      {editing === undefined ? null : (
        <TraitEditor
          trait={editing === 'new' ? undefined : editing}
          onClose={() => setEditing(undefined)}
          onSaved={(saved) => {
            setSaid(tellSaved(saved));
            traits.reload();
          }}
        />
      )}
      {removing === undefined ? null : (
        <Confirm
          title={`Delete ${removing.name}?`}
          action="Delete the trait"
          isGrave
          onClose={() => setRemoving(undefined)}
          onConfirm={async () => {
            await traitsApi.remove(removing.name);
            setSaid(`${removing.name} is deleted.`);
            traits.reload();
          }}
        >
          <p>Nobody has it any more. Conditions that read it are then never met.</p>
        </Confirm>
      )}
    </>
  );
}
