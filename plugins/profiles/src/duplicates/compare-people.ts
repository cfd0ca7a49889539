import { setImmediate } from 'node:timers/promises';
import type { Call, LoggedEvent } from '@tendril/plugin-api';
import type { PeopleRow, Settings } from '../gen/manifest.gen.ts';
import { absorbPeople } from './absorb.ts';
import type { Absorbed } from './absorb.ts';
import { ComparedPeople } from './compared-people.ts';
import { applyDismissals } from './dismissals.ts';
import { KeyIndex } from './key-index.ts';
import { loadScorer } from './learnt-model.ts';
import { otherOf, pairIdOf } from './pair.ts';
import { Proposals } from './proposals.ts';
import type { Decider } from './proposals.ts';
import type { Scorer } from './score.ts';
import type { DuplicateSettings } from './settings.ts';
import { settlePair } from './settle-pair.ts';
import type { Hit } from './settle-pair.ts';

const PEOPLE_AT_ONCE = 25;

/** What came of comparing some people. */
export interface Comparison {
  /** People who were compared with others. */
  readonly looked: number;
  /** Pairs that are proposed and were not before. */
  readonly proposed: number;
  readonly mergeRequests: number;
}

/** How some people are compared. */
export interface CompareOptions {
  readonly settings: DuplicateSettings;
  /** Compares those too of whom nothing changed. */
  readonly isForced?: boolean;
  /** By the id of a person who was merged: who or what did it. */
  readonly deciders?: ReadonlyMap<string, Decider>;
  /** Facts among which a person may have said that two are two. */
  readonly facts?: readonly LoggedEvent[];
}

/**
 * Compares people with those who share a key with them, and proposes the pairs that are probably one person. A bounded number of rows is read
 * for each person, however many people there are: those of its keys and of at most 200 others. Safe to repeat.
 */
export async function comparePeople(ids: readonly string[], options: CompareOptions, call: Call<Settings>): Promise<Comparison> {
  const { settings, isForced = false, deciders = new Map<string, Decider>(), facts = [] } = options;
  const compared = new ComparedPeople(settings, call);
  const proposals = new Proposals(call);
  await applyDismissals(facts, proposals);
  const rows = await readActive(ids, call);
  const absorbed = [...rows.values()].flatMap((row) => absorbedBy(row, deciders));
  await compared.load([...rows.keys(), ...absorbed.map(({ from }) => from)]);
  await absorbPeople(absorbed, compared, proposals);

  const changed = [...rows.values()]
    .filter((row) => compared.take(row) || (isForced && compared.recordOf(row.id) !== undefined))
    .map(({ id }) => id);
  const moved = [...changed, ...absorbed.map(({ from }) => from)];
  if (moved.length === 0) {
    proposals.write();
    return { looked: 0, proposed: 0, mergeRequests: 0 };
  }
  const keys = await KeyIndex.load(
    moved.flatMap((id) => [...compared.storedKeysOf(id), ...compared.keysOf(id)]),
    call,
  );
  for (const id of moved) keys.move(id, compared.storedKeysOf(id), compared.keysOf(id));

  const hits = await scoreAll(changed, { compared, proposals, keys, settings }, await loadScorer(settings, call));
  await proposals.load(hits.map(({ people }) => pairIdOf(...people)));
  for (const [id, row] of await readActive(
    hits.flatMap(({ people }) => people),
    call,
  )) {
    rows.set(id, row);
  }
  let [proposed, mergeRequests] = [0, 0];
  for (const hit of hits) {
    const settled = settlePair(hit, { rows, compared, proposals, settings }, call);
    proposed += Number(settled.isNew);
    mergeRequests += Number(settled.isMergeRequested);
  }
  proposals.write();
  compared.write();
  keys.write();
  return { looked: changed.length, proposed, mergeRequests };
}

interface Found {
  readonly compared: ComparedPeople;
  readonly proposals: Proposals;
  readonly keys: KeyIndex;
  readonly settings: DuplicateSettings;
}

/** Pairs that are probable enough. Ends those that were and are no longer. */
async function scoreAll(
  changed: readonly string[],
  { compared, proposals, keys, settings }: Found,
  scorer: Scorer,
): Promise<readonly Hit[]> {
  await proposals.load(changed.flatMap((id) => compared.pairsOf(id)));
  const othersById = new Map(changed.map((id) => [id, othersOf(id, compared, proposals, keys)]));
  await compared.load([...othersById.values()].flat());
  const hits = new Map<string, Hit>();
  let place = 0;
  for (const [id, others] of othersById) {
    place += 1;
    // Thousands of pairs take long enough for others to notice.
    if (place % PEOPLE_AT_ONCE === 0) await setImmediate();
    for (const other of others) {
      const pair = pairIdOf(id, other);
      if (hits.has(pair)) continue;
      const hit = hitOf([id, other], compared, settings, scorer);
      if (hit !== undefined) hits.set(pair, hit);
      else if (proposals.get(pair)?.state === 'open') withdraw(pair, [id, other], compared, proposals);
    }
  }
  return [...hits.values()];
}

function hitOf(
  people: readonly [string, string],
  compared: ComparedPeople,
  { proposeFrom }: DuplicateSettings,
  scorer: Scorer,
): Hit | undefined {
  const [left, right] = [compared.recordOf(people[0]), compared.recordOf(people[1])];
  if (left === undefined || right === undefined) return undefined;
  const score = scorer.score(left, right);
  return score.probability >= proposeFrom ? { people, score, evidence: scorer.explain(left, right) } : undefined;
}

function othersOf(id: string, compared: ComparedPeople, proposals: Proposals, keys: KeyIndex): readonly string[] {
  const paired = compared.pairsOf(id).flatMap((pair) => {
    const known = proposals.get(pair);
    return known?.state === 'open' ? [otherOf(known, id)] : [];
  });
  return [...new Set([...paired, ...keys.candidatesOf(id, compared.keysOf(id))])];
}

function withdraw(pair: string, people: readonly string[], compared: ComparedPeople, proposals: Proposals): void {
  proposals.decide(pair, 'closed', 'data');
  for (const id of people) compared.removePair(id, pair);
}

async function readActive(ids: readonly string[], call: Call<Settings>): Promise<Map<string, PeopleRow>> {
  const rows = await call.table<PeopleRow>('people').getMany([...new Set(ids)]);
  return new Map(rows.flatMap((row) => (row?.value.state === 'active' ? [[row.key, row.value] as const] : [])));
}

/** Who was a person by itself before and is part of this one. */
function absorbedBy({ id, parts }: PeopleRow, deciders: ReadonlyMap<string, Decider>): readonly Absorbed[] {
  return parts.flatMap((part) => (part.id === id ? [] : [{ from: part.id, into: id, decidedBy: deciders.get(part.id) ?? 'identity' }]));
}
