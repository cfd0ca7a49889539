import type { Call, LoggedEvent } from '@tendril/plugin-api';
import type { BehavioursRow, MembersRow, PeopleRow, Settings } from '../gen/manifest.gen.ts';
import type { Person } from '../part.ts';
import { aggregatesOf, isThere } from './catalogue.ts';
import { nodeKey } from './model.ts';
import { slotOf } from './definition.ts';
import type { Definition, KeptAggregate } from './definition.ts';
import { TICKED, isWork } from './facts.ts';
import type { SegmentsBatch } from './follow-events.ts';
import type { PartOfPast } from './part-of-past.ts';

/** People and events looked at in one go. */
export const PAGES = { duePeople: 1_000, people: 500, members: 500, events: 1_000 } as const;
/** A step ends when it has reported so much: one event may not report more than a changeset holds. */
const MOST_REPORTED = 4_000;
/** Rounds of a step: what is small is done at once. */
const ROUNDS = 4;
/** A tick that the work itself asked for leads to the next, until a schedule begins anew: chains of causes have an end. */
const MOST_HOPS = 12;

/**
 * Everything about definitions that takes more than one event: reading the log for what a new definition counts, sorting
 * all people by it, telling the difference, clearing away, and looking at whom time changed. Done in steps, one at each
 * tick and each definition, inside the changeset that moves the cursor: a step happens once, and a replay of the log does
 * the same steps at the same places.
 */
export class WorkOnDefinitions {
  readonly #batch: SegmentsBatch;
  readonly #call: Call<Settings>;
  readonly #partOfPast: PartOfPast;

  constructor(batch: SegmentsBatch, partOfPast: PartOfPast, call: Call<Settings>) {
    this.#batch = batch;
    this.#partOfPast = partOfPast;
    this.#call = call;
  }

  /** Does a step, if the event is one that asks for it. */
  async follow(event: LoggedEvent): Promise<void> {
    if (!isWork(event)) return;
    const { catalogue } = this.#batch;
    catalogue.apply(event);
    const limit = this.#batch.reported + MOST_REPORTED;
    const isMoreDue = await this.#workDue(event, limit);
    for (let round = 0; round < ROUNDS && catalogue.isBusy && this.#batch.reported < limit; round += 1) {
      await this.#fill();
      this.#advanceFilled();
      await this.#sort(event);
      await this.#settle(event);
      await this.#clearAway(event);
    }
    if ((catalogue.isBusy || isMoreDue) && event.hops < MOST_HOPS)
      this.#call.changes.emit({ name: TICKED, properties: { at: new Date(this.#batch.now).toISOString() }, discriminator: event.id });
  }

  /** @returns whether there are more */
  async #workDue(event: LoggedEvent, limit: number): Promise<boolean> {
    const { now } = this.#batch;
    const due = await this.#call.table<BehavioursRow>('behaviours').query({ index: 'due', from: 0, to: now + 1, limit: PAGES.duePeople });
    const known = await this.#open(due.items.map(({ key }) => key));
    for (const person of new Set([...known, ...this.#batch.knownPeople()])) {
      if (this.#batch.standingOf(person.id).dueAt > now) continue;
      if (this.#batch.reported >= limit) return true;
      this.#batch.work(person, new Set(), event);
    }
    return due.nextCursor !== undefined;
  }

  /** Reads people, and what is known of them. */
  async #open(ids: readonly string[]): Promise<readonly Person[]> {
    const { graph } = this.#batch;
    await graph.loadPeople(ids);
    const people = [...new Set(ids.flatMap((id) => graph.findPerson(id) ?? []))];
    await this.#batch.openPeople(people);
    return people;
  }

  /** Counts a page of what happened before an aggregate was there. */
  async #fill(): Promise<void> {
    const { catalogue, model, states, now } = this.#batch;
    const open = catalogue.kept().filter(({ isReady }) => !isReady);
    if (open.length === 0) return;
    const cursor = Math.min(...open.map((aggregate) => aggregate.cursor));
    const group = open.filter((aggregate) => aggregate.cursor === cursor);
    // Those that are behind read on to where the next ones are: from there they go together.
    const upTo = Math.min(
      ...group.map((aggregate) => aggregate.upTo),
      ...open.flatMap((each) => (each.cursor > cursor ? [each.cursor] : [])),
    );
    const names = [...new Set(group.map(({ event }) => event))];
    const stretch = await this.#call.events.read({ after: cursor, upTo, limit: PAGES.events, names });
    const keys = new Set(group.map(({ key }) => key));
    const parts = await this.#partOfPast(stretch.items);
    await states.load(parts.flatMap((part) => part ?? []));
    for (const [index, event] of stretch.items.entries()) {
      const part = parts[index];
      if (part === undefined) continue;
      for (const keyed of model.aggregatesByEvent.get(event.name) ?? []) {
        const sample = keys.has(keyed.key) ? keyed.aggregate.sampleOf(event) : undefined;
        if (sample !== undefined) states.add(part, keyed, sample, now);
      }
    }
    const position = stretch.isEnd ? upTo : stretch.position;
    for (const aggregate of group)
      catalogue.changeAggregate({ ...aggregate, cursor: position, isReady: position >= aggregate.upTo } satisfies KeptAggregate);
  }

  /** People can be sorted by what is counted now. */
  #advanceFilled(): void {
    const { catalogue, model } = this.#batch;
    const ready = new Set(catalogue.kept().flatMap(({ key, isReady }) => (isReady ? [key] : [])));
    for (const definition of catalogue.definitions()) {
      const { next } = definition;
      if (next === undefined || next.isEvaluated === true || definition.settling !== undefined) continue;
      const isReady = aggregatesOf(next, this.#call).every(({ id }) => ready.has(model.keyOf(id)?.key ?? ''));
      if (!isReady) continue;
      if (definition.kind === 'segment') catalogue.change({ ...definition, next: { ...next, isEvaluated: true } });
      else this.#switch(definition, 'people');
    }
  }

  #switch(definition: Definition, stage: 'left' | 'people'): void {
    const { next, active, ...rest } = definition;
    if (next === undefined) return;
    const { isEvaluated, cursor, done, ...version } = next;
    const isQuiet = active === undefined && next.announce !== true;
    const settling = { from: active?.position ?? 0, stage, done: 0, ...(isQuiet && { isQuiet }) };
    this.#batch.catalogue.change({ ...rest, active: version, settling });
    this.#batch.catalogue.dropUnused();
  }

  /** Sorts a page of people by versions that are being prepared, and by computed traits that have just begun to serve. */
  async #sort(event: LoggedEvent): Promise<void> {
    const { catalogue } = this.#batch;
    const open = catalogue.definitions().flatMap((definition) => {
      const progress = definition.settling?.stage === 'people' ? definition.settling : definition.next;
      const isOpen = definition.settling?.stage === 'people' || definition.next?.isEvaluated === true;
      return isOpen && progress !== undefined ? [{ definition, cursor: progress.cursor ?? '' }] : [];
    });
    if (open.length === 0) return;
    const cursor = open.map((each) => each.cursor).sort()[0] ?? '';
    const group = open.filter((each) => each.cursor === cursor).map(({ definition }) => definition);
    const page = await this.#call.table<PeopleRow>('people').query({ limit: PAGES.people, ...(cursor !== '' && { cursor }) });
    const keys = group.flatMap((definition) => {
      const version = definition.settling?.stage === 'people' ? definition.active : definition.next;
      return version === undefined ? [] : [nodeKey({ definition, version })];
    });
    const active = page.items.flatMap(({ value }) => (value.state === 'active' ? [value.id] : []));
    const known = await this.#open(active);
    // Those whom this batch made are in no page.
    const made = this.#batch.graph.people().filter((person) => typeof person.expect !== 'number' && person.mergedInto === undefined);
    for (const person of new Set([...known, ...made])) this.#batch.work(person, new Set(keys), event);
    for (const definition of group) this.#advanceSorted(definition, active.length, page.nextCursor);
  }

  #advanceSorted(definition: Definition, count: number, nextCursor: string | undefined): void {
    const { catalogue } = this.#batch;
    const { settling, next } = definition;
    if (settling?.stage === 'people') {
      const { settling: ended, ...rest } = definition;
      if (nextCursor === undefined && isThere(rest)) catalogue.change(rest);
      else if (nextCursor === undefined) catalogue.forget(rest);
      else catalogue.change({ ...definition, settling: { ...settling, cursor: nextCursor, done: (settling.done ?? 0) + count } }, true);
    } else if (nextCursor === undefined) this.#switch(definition, 'left');
    else if (next !== undefined)
      catalogue.change({ ...definition, next: { ...next, cursor: nextCursor, done: (next.done ?? 0) + count } }, true);
  }

  /** Tells a page of people apart by the version before and the one that serves. */
  async #settle(event: LoggedEvent): Promise<void> {
    const { catalogue } = this.#batch;
    const definition = catalogue.definitions().find(({ settling }) => settling !== undefined && settling.stage !== 'people');
    const { settling, active } = definition ?? {};
    if (definition === undefined || settling === undefined || active === undefined) return;
    const isOver = settling.stage === 'left' && settling.from === 0;
    const slot = slotOf(definition.name, settling.stage === 'left' ? settling.from : active.position);
    const page = isOver ? { items: [] } : await this.#members(slot, settling.cursor);
    // Memberships that this batch made are in no page.
    const made = this.#batch.knownPeople();
    for (const person of new Set([...(await this.#open(page.items)), ...made])) this.#batch.work(person, new Set(), event);
    const done = (settling.done ?? 0) + page.items.length;
    const { cursor, ...stage } = settling;
    if (page.nextCursor !== undefined) catalogue.change({ ...definition, settling: { ...stage, done, cursor: page.nextCursor } }, true);
    else if (settling.stage === 'left') catalogue.change({ ...definition, settling: { ...stage, done, stage: 'entered' } }, true);
    else {
      const { settling: ended, ...rest } = definition;
      catalogue.change(rest);
    }
  }

  async #members(slot: string, cursor?: string): Promise<{ readonly items: readonly string[]; readonly nextCursor?: string }> {
    const page = await this.#call
      .table<MembersRow>('members')
      .query({ index: 'by_slot', equals: { slot }, limit: PAGES.members, ...(cursor !== undefined && { cursor }) });
    const items = page.items.map(({ value }) => value.person);
    return page.nextCursor === undefined ? { items } : { items, nextCursor: page.nextCursor };
  }

  /** Takes away a page of members of a version that serves no more. */
  async #clearAway(event: LoggedEvent): Promise<void> {
    const { catalogue } = this.#batch;
    const [slot] = catalogue.retired;
    if (slot === undefined) return;
    const { items, nextCursor } = await this.#members(slot);
    // Whoever is looked at forgets what there is no more.
    for (const person of await this.#open(items)) this.#batch.work(person, new Set(), event);
    await this.#batch.states.load(items);
    for (const person of items) this.#batch.standingOf(person).clear(slot);
    if (nextCursor === undefined) catalogue.clearedAway(slot);
  }
}
