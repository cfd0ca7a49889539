import { useCallback, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import '../leads/leads.css';
import './duplicates.css';
import { duplicatesApi } from '../../api/customers/duplicates.ts';
import type { Duplicate, DuplicateState } from '../../api/customers/duplicates.ts';
import { peopleApi } from '../../api/customers/people.ts';
import type { Profile } from '../../api/customers/people.ts';
import { usePaged } from '../../api/use-paged.ts';
import { withQuery } from '../../routing/router.ts';
import type { Place } from '../../routing/router.ts';
import { Empty } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { LoadMore } from '../../ui/load-more.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { namePerson } from '../../ui/person-name.ts';
import { Problem } from '../../ui/problem.tsx';
import { RoomTabs } from '../../ui/room-tabs.tsx';
import { useTask } from '../../ui/use-task.ts';
import { PeopleTabs } from '../people/people-tabs.tsx';
import { DuplicateCard } from './duplicate-card.tsx';
import { LookForDuplicates } from './look-for-duplicates.tsx';

const STATES: readonly { readonly state: DuplicateState; readonly text: string }[] = [
  { state: 'open', text: 'To decide' },
  { state: 'merged', text: 'Joined' },
  { state: 'dismissed', text: 'Two people' },
  { state: 'closed', text: 'Closed' },
];

/** A pair with what is known of both. */
interface KnownPair extends Duplicate {
  readonly people: readonly [left: Profile | undefined, right: Profile | undefined];
}

/** What was decided last, and can be taken back. */
interface Decided {
  readonly text: string;
  readonly link?: string;
}

/** People who may be one, side by side: somebody decides, and can take it back. */
export function DuplicatesScreen({ place }: { readonly place: Place }) {
  const state = STATES.find((each) => each.state === place.query.get('state'))?.state ?? 'open';
  const load = useCallback((cursor: string | undefined, signal?: AbortSignal) => loadPairs(state, cursor, signal), [state]);
  const pairs = usePaged(`duplicates:${state}`, load);
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const [decided, setDecided] = useState<Decided | undefined>(undefined);
  const task = useTask();
  const cards = useRef(new Map<string, HTMLLIElement>());
  const addressOf = (each: DuplicateState): string => withQuery(place, 'state', each === 'open' ? '' : each);
  const shown = pairs.value?.filter(({ id }) => !gone.has(id)) ?? [];

  function move(from: string, by: number): void {
    const index = shown.findIndex(({ id }) => id === from);
    cards.current.get(shown[index + by]?.id ?? '')?.focus();
  }
  function decide(pair: KnownPair, work: () => Promise<Decided>): void {
    const next = shown[shown.findIndex(({ id }) => id === pair.id) + 1] ?? shown.at(-2);
    void task.run(async () => {
      setDecided(await work());
      setGone(new Set([...gone, pair.id]));
      // Whoever decides by keyboard goes on with the next pair.
      if (next !== undefined) cards.current.get(next.id)?.focus();
    });
  }
  const merge = (pair: KnownPair): void =>
    decide(pair, async () => {
      const [into, from] = olderFirst(pair);
      const { link } = await peopleApi.merge(into, from, 'Looked at as a probable duplicate');
      return { text: `${nameOf(pair)} are one person now.`, ...(link === undefined ? {} : { link }) };
    });
  const dismiss = (pair: KnownPair): void =>
    decide(pair, async () => {
      await duplicatesApi.dismiss(pair.id);
      return { text: `${nameOf(pair)} stay two, and are not proposed again.` };
    });
  function takeKey(event: KeyboardEvent, pair: KnownPair): void {
    if (event.target !== event.currentTarget || event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === 'j' || event.key === 'ArrowDown') move(pair.id, 1);
    else if (event.key === 'k' || event.key === 'ArrowUp') move(pair.id, -1);
    else if (event.key === 'm' && pair.state === 'open' && !task.isBusy) merge(pair);
    else if (event.key === 'x' && pair.state === 'open' && !task.isBusy) dismiss(pair);
    else return;
    event.preventDefault();
  }

  return (
    <>
      <PageHead
        title="Duplicates"
        lead="Pairs of people who are probably one, with what speaks for it and against. Two with user ids of their own are never joined by themselves."
      >
        <LookForDuplicates onFound={pairs.reload} />
      </PageHead>
      <PeopleTabs current="/duplicates" />
      <RoomTabs label="State" tabs={STATES.map((each) => ({ href: addressOf(each.state), text: each.text }))} current={addressOf(state)} />
      <div role="status">
        {decided === undefined ? null : (
          <p className="said row-between">
            {decided.text}
            {decided.link === undefined ? null : (
              <UndoMergeButton
                link={decided.link}
                onUndone={() => {
                  setDecided({ text: 'Taken back: they are two again.' });
                  setGone(new Set());
                  pairs.reload();
                }}
              />
            )}
          </p>
        )}
      </div>
      {task.problem === undefined ? null : <Problem problem={task.problem} />}
      <Loaded resource={pairs}>
        {() =>
          shown.length === 0 ? (
            <div className="panel">
              <Empty icon="merge" title={state === 'open' ? 'Nothing to decide' : 'None here'}>
                {state === 'open'
                  ? 'Pairs appear as people become known. Those who came before can be looked through at once with the button above.'
                  : 'Pairs come here when they are decided.'}
              </Empty>
            </div>
          ) : (
            <>
              {state === 'open' ? (
                <p className="small soft duplicate-keys">
                  With a pair in focus: <kbd>M</kbd> one person, <kbd>X</kbd> two people, <kbd>J</kbd> and <kbd>K</kbd> next and previous.
                </p>
              ) : null}
              <ol className="stack" aria-label="Pairs">
                {shown.map((pair) => (
                  <DuplicateCard
                    key={pair.id}
                    pair={pair}
                    left={pair.people[0]}
                    right={pair.people[1]}
                    isBusy={task.isBusy}
                    cardRef={(card) => {
                      if (card === null) cards.current.delete(pair.id);
                      else cards.current.set(pair.id, card);
                    }}
                    onMerge={() => merge(pair)}
                    onDismiss={() => dismiss(pair)}
                    onKey={(event) => takeKey(event, pair)}
                  />
                ))}
              </ol>
            </>
          )
        }
      </Loaded>
      <LoadMore paged={pairs} />
    </>
  );
}

function UndoMergeButton({ link, onUndone }: { readonly link: string; readonly onUndone: () => void }) {
  const task = useTask();
  return (
    <>
      <button
        type="button"
        className="button"
        disabled={task.isBusy}
        onClick={() =>
          void task.run(async () => {
            await peopleApi.unmerge(link);
            onUndone();
          })
        }
      >
        <Icon name="undo" />
        {task.isBusy ? 'One moment…' : 'Undo'}
      </button>
      {task.problem === undefined ? null : <span>{task.problem.message}</span>}
    </>
  );
}

async function loadPairs(
  state: DuplicateState,
  cursor: string | undefined,
  signal: AbortSignal | undefined,
): Promise<{ items: readonly KnownPair[]; nextCursor?: string }> {
  const page = await duplicatesApi.list(state, { cursor }, signal);
  const ids = [...new Set(page.items.flatMap(({ left, right }) => [left, right]))];
  const people = await peopleApi.getMany(ids, signal);
  // Answers follow merges: somebody who was joined is found under the ids that they had, too.
  const byId = new Map(people.flatMap((person) => [person.id, ...person.aliases].map((id) => [id, person] as const)));
  return { ...page, items: page.items.map((pair) => ({ ...pair, people: [byId.get(pair.left), byId.get(pair.right)] })) };
}

/** The one who is known longer stays. */
function olderFirst({ left, right, people }: KnownPair): readonly [into: string, from: string] {
  const [one, other] = people.map((person) => new Date(person?.firstSeenAt ?? 0).getTime());
  return (one ?? 0) <= (other ?? 0) ? [left, right] : [right, left];
}

function nameOf({ left, right, people }: KnownPair): string {
  const names = [namePerson(people[0]?.traits ?? {}, left), namePerson(people[1]?.traits ?? {}, right)];
  return `${names[0] ?? ''} and ${names[1] ?? ''}`;
}
