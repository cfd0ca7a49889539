import type { Call } from '@tendril/plugin-api';
import type { ContactsRow, LeadsRow, PartsRow, ProspectsRow, Settings } from '../gen/manifest.gen.ts';
import { leadIdOf } from './standing.ts';
import type { VersionedRows } from './versioned-rows.ts';

/** What is loaded, and what of it says what else belongs to it. */
export interface LoadedRows {
  readonly prospects: VersionedRows<ProspectsRow>;
  readonly contacts: VersionedRows<ContactsRow>;
  readonly leads: VersionedRows<LeadsRow>;
  readonly parts: VersionedRows<PartsRow>;
  prospect(person: string): ProspectsRow;
  headOf(id: string): LeadsRow | undefined;
}

/** Where a piece of work begins. */
export interface Beginning {
  readonly people: readonly string[];
  readonly contactKeys: readonly string[];
  readonly leads?: readonly string[];
}

const MOST_ROUNDS = 10;

/** Reads people with whom they were merged with, their leads with all parts, and the people of those. */
export async function loadAround(book: LoadedRows, { people, contactKeys, leads = [] }: Beginning, call: Call<Settings>): Promise<void> {
  const seenPeople = new Set<string>();
  let nextPeople: readonly string[] = [...new Set(people)];
  let nextLeads: readonly string[] = [...new Set(leads)];
  let keys: readonly string[] = contactKeys;
  for (let round = 0; round < MOST_ROUNDS && nextPeople.length + nextLeads.length > 0; round += 1) {
    // At once: one turn to the store less while a batch waits.
    await Promise.all([book.prospects.load(nextPeople, call), book.contacts.load(keys, call)]);
    const prospects = nextPeople.map((person) => book.prospect(person));
    for (const person of nextPeople) seenPeople.add(person);
    // An event that states one address brings those known from before along.
    if (round === 0) keys = [...keys, ...prospects.flatMap(({ keys: earlier = [] }) => earlier)];
    await book.contacts.load(keys, call);
    const owners = keys.flatMap((key) => book.contacts.get(key)?.lead ?? []);
    keys = [];
    const known = [...nextLeads, ...owners, ...prospects.flatMap(({ lead }) => lead ?? [])];
    // Of whom nothing is known there is no lead: it would be written with what is known. Most people of an import are such.
    const fresh = prospects.flatMap(({ person, lead }) =>
      lead === undefined && book.prospects.get(person) !== undefined ? [leadIdOf(person)] : [],
    );
    const ids = [...known, ...fresh];
    // Whoever has no lead is no part of one.
    await book.parts.load(known, call);
    await book.leads.load([...ids, ...ids.flatMap((id) => book.parts.get(id)?.head ?? [])], call);
    const heads = [...new Set(ids)].flatMap((id) => book.headOf(id) ?? []);
    await book.parts.load(
      heads.flatMap(({ parts = [] }) => parts),
      call,
    );
    nextLeads = [];
    nextPeople = [
      ...new Set([
        ...prospects.flatMap(({ ties = [] }) => ties.map(({ person }) => person)),
        ...heads.flatMap((head) => [
          ...head.people,
          ...(head.links ?? []).flatMap(({ by, left, right }) => (by === 'people' ? [left, right] : [])),
        ]),
      ]),
    ].filter((person) => !seenPeople.has(person));
  }
}
