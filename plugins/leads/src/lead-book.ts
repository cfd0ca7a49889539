import type { Call, Row } from '@tendril/plugin-api';
import type { Contacts } from './contact-key.ts';
import type { ContactsRow, LeadsRow, ProspectsRow, Settings } from './gen/manifest.gen.ts';

interface Entry<Value> {
  readonly expect: number | 'absent';
  value: Value;
  isChanged: boolean;
}

/** Why a lead came to be. */
export interface Capture {
  readonly source: string;
  readonly at: number;
}

/** The prospects and leads that a piece of work touches, read in batches, changed in memory, written once. */
export class LeadBook {
  readonly #prospects: Map<string, Entry<ProspectsRow>>;
  readonly #contacts: Map<string, Entry<string>>;
  readonly #leads: Map<string, Entry<LeadsRow>>;

  private constructor(
    prospects: Map<string, Entry<ProspectsRow>>,
    contacts: Map<string, Entry<string>>,
    leads: Map<string, Entry<LeadsRow>>,
  ) {
    this.#prospects = prospects;
    this.#contacts = contacts;
    this.#leads = leads;
  }

  /** @param contactKeys what may identify a lead in this piece of work, beside what is known of the people */
  static async load(people: readonly string[], contactKeys: readonly string[], call: Call<Settings>): Promise<LeadBook> {
    const personIds = [...new Set(people)];
    const prospectRows = await call.table<ProspectsRow>('prospects').getMany(personIds);
    const prospects = new Map(personIds.map((person, index) => [person, toEntry(prospectRows[index], { person, values: {} })]));
    const known = prospectRows.flatMap((row) => (row === undefined ? [] : [row.value.lead]));
    // Of somebody who is no lead yet, an event without contacts may make one by those known from before.
    const earlier = prospectRows.flatMap((row) => (row === undefined || row.value.lead !== undefined ? [] : (row.value.keys ?? [])));
    const keys = [...new Set([...contactKeys, ...earlier])];
    const contactRows = keys.length === 0 ? [] : await call.table<ContactsRow>('contacts').getMany(keys);
    const contacts = new Map(
      contactRows.flatMap((row) =>
        row === undefined ? [] : [[row.value.contact, { expect: row.version, value: row.value.lead, isChanged: false }] as const],
      ),
    );
    const leadIds = [
      ...new Set(
        [...known, ...[...contacts.values()].map(({ value }) => value), ...personIds.map(leadIdOf)].filter((id) => id !== undefined),
      ),
    ];
    const leadRows = await call.table<LeadsRow>('leads').getMany(leadIds);
    const leads = new Map(
      leadRows.flatMap((row) =>
        row === undefined ? [] : [[row.key, { expect: row.version, value: row.value, isChanged: false }] as const],
      ),
    );
    return new LeadBook(prospects, contacts, leads);
  }

  prospect(person: string): ProspectsRow {
    return this.#entry(person).value;
  }

  setProspect(value: ProspectsRow): void {
    const entry = this.#entry(value.person);
    entry.value = value;
    entry.isChanged = true;
  }

  leadOf(person: string): LeadsRow | undefined {
    const id = this.prospect(person).lead;
    return id === undefined ? undefined : this.#leads.get(id)?.value;
  }

  setLead(value: LeadsRow): void {
    const entry = this.#leads.get(value.id);
    if (entry === undefined) this.#leads.set(value.id, { expect: 'absent', value, isChanged: true });
    else {
      entry.value = value;
      entry.isChanged = true;
    }
  }

  /** The lead of a person: their own, the one with the same address or number, or a new one. `undefined` when nothing identifies one. */
  capture(person: string, contacts: Contacts, { source, at }: Capture): LeadsRow | undefined {
    const owners = contacts.keys.flatMap((key) => this.#contacts.get(key)?.value ?? []);
    const id = this.prospect(person).lead ?? owners[0] ?? (contacts.keys.length === 0 ? undefined : leadIdOf(person));
    if (id === undefined) return undefined;
    for (const key of contacts.keys) {
      if (!this.#contacts.has(key)) this.#contacts.set(key, { expect: 'absent', value: id, isChanged: true });
    }
    const before = this.#leads.get(id)?.value;
    const lead: LeadsRow = {
      ...(before ?? { id, person, people: [], status: 'new', source, capturedAt: at }),
      people: before?.people.includes(person) === true ? before.people : [...(before?.people ?? []), person],
      ...(contacts.name === undefined ? {} : { name: contacts.name }),
      ...(contacts.email === undefined ? {} : { email: contacts.email }),
      ...(contacts.phone === undefined ? {} : { phone: contacts.phone }),
    };
    if (JSON.stringify(lead) !== JSON.stringify(before)) this.setLead(lead);
    if (this.prospect(person).lead !== id) this.setProspect({ ...this.prospect(person), lead: id });
    return lead;
  }

  /** Puts what changed into the changeset. */
  write(call: Call<Settings>): void {
    for (const { value, expect, isChanged } of this.#prospects.values()) if (isChanged) call.changes.put('prospects', value, expect);
    for (const { value, expect, isChanged } of this.#leads.values()) if (isChanged) call.changes.put('leads', value, expect);
    for (const [contact, { value, expect, isChanged }] of this.#contacts) {
      if (isChanged) call.changes.put('contacts', { contact, lead: value } satisfies ContactsRow, expect);
    }
  }

  #entry(person: string): Entry<ProspectsRow> {
    const entry = this.#prospects.get(person) ?? { expect: 'absent', value: { person, values: {} }, isChanged: false };
    this.#prospects.set(person, entry);
    return entry;
  }
}

/** Derived from the person, so that whoever makes the lead first gives it the same id. */
function leadIdOf(person: string): string {
  return `lead-${person}`;
}

function toEntry<Value extends object>(row: Row<Value> | undefined, missing: Value): Entry<Value> {
  return row === undefined
    ? { expect: 'absent', value: missing, isChanged: false }
    : { expect: row.version, value: row.value, isChanged: false };
}
