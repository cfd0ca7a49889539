import type { Call } from '@tendril/plugin-api';
import type { Contacts } from '../contact-key.ts';
import type { ContactsRow, LeadsRow, PartsRow, ProspectsRow, Settings } from '../gen/manifest.gen.ts';
import { combine, leadOfPart } from './combine.ts';
import { componentsOf, linksOf, withLinks } from './links.ts';
import type { Link, Node } from './links.ts';
import { loadAround } from './load-around.ts';
import { leadIdOf, queueOf } from './standing.ts';
import { VersionedRows } from './versioned-rows.ts';

/** Why a lead came to be. */
export interface Capture {
  readonly source: string;
  readonly at: number;
}

/** What may be said of a lead beside its score. */
export type Statement = 'status' | 'stage' | 'owner' | 'snooze';

/** A company's switchboard or a family's address does not make one lead of everybody. */
const MOST_PEOPLE = 10;
const MOST_PARTS = 20;
const MOST_PEOPLE_IN_CLUSTER = 50;

/**
 * The people and leads that a piece of work touches. A lead that turned out to be several is combined from its parts, each
 * kept as it would be for itself, so that they come apart exactly.
 */
export class LeadBook {
  readonly prospects = new VersionedRows<ProspectsRow>('prospects', ({ person }) => person);
  readonly contacts = new VersionedRows<ContactsRow>('contacts', ({ contact }) => contact);
  readonly leads = new VersionedRows<LeadsRow>('leads', ({ id }) => id);
  readonly parts = new VersionedRows<PartsRow>('parts', ({ id }) => id);
  readonly #stageNames: readonly string[];
  readonly #touched = new Set<string>();

  private constructor(settings: Settings) {
    this.#stageNames = (settings.stages ?? []).map(({ name }) => name);
  }

  /** @param contactKeys what may identify a lead in this piece of work, beside what is known of the people */
  static async load(people: readonly string[], contactKeys: readonly string[], call: Call<Settings>): Promise<LeadBook> {
    const book = new LeadBook(call.settings);
    await loadAround(book, { people, contactKeys }, call);
    return book;
  }

  /** The leads of ids, whether they stand for themselves or are one with others now. */
  static async loadLeads(ids: readonly string[], call: Call<Settings>): Promise<LeadBook> {
    const book = new LeadBook(call.settings);
    await loadAround(book, { people: [], contactKeys: [], leads: ids }, call);
    return book;
  }

  prospect(person: string): ProspectsRow {
    return this.prospects.get(person) ?? { person, values: {} };
  }

  setProspect(value: ProspectsRow): void {
    this.prospects.set(value);
  }

  /** People who were merged with this one, itself first. */
  cluster(person: string): readonly ProspectsRow[] {
    const own = this.prospect(person);
    if (own.ties === undefined || own.ties.length === 0) return [own];
    const found = new Set([person]);
    for (const each of found) {
      for (const { person: other } of this.prospect(each).ties ?? []) if (found.size < MOST_PEOPLE_IN_CLUSTER) found.add(other);
    }
    return [...found].map((each) => this.prospect(each));
  }

  /** Everybody whose doings are the lead's; without a lead whoever was merged with the person. */
  peopleOf(person: string): readonly ProspectsRow[] {
    const lead = this.leadOf(person);
    if (lead?.people.length === 1 && lead.people[0] === person) return this.cluster(person);
    const people = [person, ...(lead?.people ?? [])].flatMap((each) => this.cluster(each));
    return [...new Map(people.map((prospect) => [prospect.person, prospect])).values()];
  }

  leadOf(person: string): LeadsRow | undefined {
    for (const { lead } of this.cluster(person)) if (lead !== undefined) return this.headOf(lead);
    return undefined;
  }

  /** The lead that `id` is now. */
  headOf(id: string): LeadsRow | undefined {
    const part = this.parts.get(id);
    return this.leads.get(part?.head ?? id);
  }

  /** The lead of a person: their own, the one with the same address or number, or a new one. `undefined` when nothing identifies one. */
  capture(person: string, contacts: Contacts, { source, at }: Capture): LeadsRow | undefined {
    const prospect = this.prospect(person);
    const owners = contacts.keys.flatMap((key) => this.contacts.get(key)?.lead ?? []);
    const open = owners.find((owner) => this.#hasRoom(owner));
    const id = prospect.lead ?? open ?? (contacts.keys.length === 0 ? undefined : leadIdOf(person));
    if (id === undefined) return this.leadOf(person);
    for (const key of contacts.keys) if (this.contacts.get(key) === undefined) this.contacts.set({ contact: key, lead: id });
    const before = this.ownOf(id);
    const lead: LeadsRow = {
      ...(before ?? { id, person, people: [], status: 'new', queue: 'open', basis: '', source, capturedAt: at }),
      people: before?.people.includes(person) === true ? before.people : [...(before?.people ?? []), person],
      ...(contacts.name === undefined ? {} : { name: contacts.name }),
      ...(contacts.email === undefined ? {} : { email: contacts.email }),
      ...(contacts.phone === undefined ? {} : { phone: contacts.phone }),
    };
    const isNew = prospect.lead === undefined;
    if (isNew) this.setProspect({ ...prospect, lead: id });
    if (before === undefined || isOther(before, lead)) this.#setOwn(lead);
    if (isNew) this.joinPeople(person);
    const shared = contacts.keys.flatMap((key): Link[] => {
      const owner = this.contacts.get(key)?.lead;
      return owner === undefined || owner === id || !this.#hasRoom(owner) ? [] : [{ by: 'contact', left: owner, right: id, of: key }];
    });
    for (const link of shared) this.#join([link.left, link.right], [link]);
    return this.headOf(id);
  }

  /** Makes one lead of the leads of people who were merged. */
  joinPeople(person: string): void {
    const cluster = this.cluster(person);
    if (cluster.length < 2) return;
    // Each merge stands with both of its people: once is enough.
    const links = cluster.flatMap(({ person: left, ties = [] }) =>
      ties.flatMap(({ person: right, link }): Link[] => (left < right ? [{ by: 'people', left, right, of: link }] : [])),
    );
    this.#join(
      cluster.flatMap(({ lead }) => lead ?? []),
      links,
    );
  }

  /** Takes a merge of people out of what makes their lead one. */
  partPeople(link: string, leadId: string): void {
    const head = this.headOf(leadId);
    if (head === undefined) return;
    const links = (head.links ?? []).filter(({ by, of }) => by !== 'people' || of !== link);
    if (links.length === (head.links ?? []).length) return;
    this.#arrange(head, this.#partsOf(head), links);
  }

  /** The lead of an id as it would be for itself. */
  ownOf(id: string): LeadsRow | undefined {
    const part = this.parts.get(id);
    return part === undefined ? this.leads.get(id) : leadOfPart(part);
  }

  /** Says something of a lead, or of the part of it that a person is. */
  state(id: string, what: Statement, change: Partial<LeadsRow>, removed: readonly (keyof LeadsRow)[] = []): void {
    const own = this.ownOf(id);
    if (own === undefined) return;
    const changed = Object.fromEntries(
      Object.entries({ ...own, ...change }).filter(([key]) => !removed.includes(key as keyof LeadsRow)),
    ) as unknown as LeadsRow;
    this.#setOwn({ ...changed, queue: queueOf(changed) }, what);
  }

  /** Notes what is computed of a lead as it is now: score, due time. */
  note(lead: LeadsRow): void {
    this.leads.set(lead);
  }

  /** Leads that came to be, became one or came apart. */
  touched(): ReadonlySet<string> {
    return this.#touched;
  }

  /** Puts what changed into the changeset. */
  write(call: Call<Settings>): void {
    for (const rows of [this.prospects, this.leads, this.contacts, this.parts]) rows.write(call);
  }

  #hasRoom(id: string): boolean {
    return (this.ownOf(id)?.people.length ?? 0) < MOST_PEOPLE;
  }

  #setOwn(lead: LeadsRow, what?: Statement): void {
    const part = this.parts.get(lead.id);
    if (part === undefined) {
      if (this.leads.get(lead.id) === undefined) this.#touched.add(lead.id);
      this.leads.set(lead);
      return;
    }
    const head = this.leads.get(part.head);
    if (head === undefined) return;
    const siblings = this.#partsOf(head);
    const last = Math.max(0, ...siblings.flatMap(({ stated }) => Object.values(stated ?? {})));
    const stated = what === undefined ? part.stated : { ...part.stated, [what]: last + 1 };
    this.parts.set({ ...part, lead: { ...lead }, ...(stated === undefined ? {} : { stated }) });
    this.#recombine(head, head.parts ?? [], head.links ?? []);
  }

  #partsOf(head: LeadsRow): readonly PartsRow[] {
    return (head.parts ?? [head.id]).map((id) => this.parts.get(id) ?? { id, head: head.id, lead: { ...head } });
  }

  #join(ids: readonly string[], links: readonly Link[]): void {
    const heads = [...new Map(ids.flatMap((id) => this.headOf(id) ?? []).map((head) => [head.id, head])).values()];
    const parts = heads.flatMap((head) => this.#partsOf(head));
    const [first] = heads;
    if (first === undefined || parts.length > MOST_PARTS) return;
    const known = heads.flatMap((head) => head.links ?? []);
    const all = withLinks(known, links);
    if (heads.length === 1) {
      if (all.length > known.length) this.leads.set({ ...first, links: [...all] });
      return;
    }
    // What was said while others were one is as old as all the rest now.
    const fresh = parts.map(({ stated: _stated, ...part }): PartsRow => part);
    for (const head of heads) this.leads.delete(head.id);
    this.#settle(fresh, all);
  }

  /** Puts parts together by what still links them: they may come apart. */
  #arrange(head: LeadsRow, parts: readonly PartsRow[], links: readonly Link[]): void {
    const nodes = parts.map((part): Node => ({ id: part.id, people: leadOfPart(part).people }));
    const components = componentsOf(nodes, links);
    if (components.length === 1) {
      this.leads.set({ ...head, links: [...links] });
      return;
    }
    this.leads.delete(head.id);
    for (const component of components) {
      const inside = parts.filter(({ id }) => component.includes(id));
      this.#settle(inside, linksOf(links, nodes, component));
    }
  }

  #settle(parts: readonly PartsRow[], links: readonly Link[]): void {
    const [only] = parts;
    if (parts.length === 1 && only !== undefined) {
      const { parts: _parts, links: _links, ...own } = leadOfPart(only);
      this.parts.delete(only.id);
      this.leads.set(links.length === 0 ? own : { ...own, links: [...links] });
      this.#touched.add(own.id);
      return;
    }
    const head = combine({ parts, links }, this.#stageNames);
    for (const part of parts) this.parts.set({ ...part, head: head.id });
    this.leads.set(head);
    this.#touched.add(head.id);
  }

  /** The head again from its parts; what is computed of it stays. */
  #recombine(head: LeadsRow, ids: readonly string[], links: readonly Link[]): void {
    const combined = combine({ parts: ids.flatMap((id) => this.parts.get(id) ?? []), links }, this.#stageNames);
    const { probability, reasons, modelVersion, scoredAt, fit, behaviour, expectedValueCents, currency, activityAt, basis, dueAt } = head;
    const computed = {
      probability,
      reasons,
      modelVersion,
      scoredAt,
      fit,
      behaviour,
      expectedValueCents,
      currency,
      activityAt,
      basis,
      dueAt,
    };
    this.leads.set({ ...combined, ...Object.fromEntries(Object.entries(computed).filter(([, value]) => value !== undefined)) });
  }
}

function isOther(before: LeadsRow, after: LeadsRow): boolean {
  return before.people !== after.people || before.name !== after.name || before.email !== after.email || before.phone !== after.phone;
}
