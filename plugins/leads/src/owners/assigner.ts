import type { Call, Identities } from '@tendril/plugin-api';
import type { LeadBook } from '../book/lead-book.ts';
import { VersionedRows } from '../book/versioned-rows.ts';
import type { LeadsRow, OwnersRow, Settings } from '../gen/manifest.gen.ts';
import { compileCondition, holds, readsProfile } from '../stages/condition.ts';
import type { Condition } from '../stages/condition.ts';
import type { Roots } from '../stages/lead-roots.ts';

/** Somebody who works on leads, as the settings declare them. */
export type Owner = NonNullable<Settings['owners']>[number];

/** An owner with how much they have. */
export interface OwnerState {
  readonly owner: Owner;
  readonly territory: Condition | undefined;
  readonly openLeads: number;
  readonly assignedToday: number;
  readonly hasRoom: boolean;
}

/** What somebody without a maximum is taken to bear. */
const USUAL_LEADS = 100;

/**
 * Chooses owners. Whoever was chosen is written only if nobody chose them in the meantime, so that two at once take turns.
 */
export class Assigner {
  readonly #rows = new VersionedRows<OwnersRow>('owners', ({ id }) => id);
  readonly #open: Map<string, number>;
  readonly #owners: readonly { readonly owner: Owner; readonly territory: Condition | undefined }[];
  readonly #day: string;
  readonly #settings: Settings;

  private constructor(open: Map<string, number>, day: string, call: Call<Settings>) {
    this.#open = open;
    this.#day = day;
    this.#settings = call.settings;
    this.#owners = (call.settings.owners ?? []).map((owner) => ({
      owner,
      territory: owner.territory === undefined ? undefined : compileCondition(owner.territory, call),
    }));
  }

  /** @param ofAll counts the leads of everybody, not only where that decides who is next */
  static async load(call: Call<Settings>, ofAll = false): Promise<Assigner> {
    const { owners = [], assignment } = call.settings;
    const counted = owners.filter(({ maximumOpen }) => ofAll || assignment?.by === 'load' || maximumOpen !== undefined);
    const open = new Map<string, number>();
    for (const { id } of counted) open.set(id, await countLeads(id, call));
    const day = new Intl.DateTimeFormat('en-CA', { timeZone: call.tenant.timeZone, dateStyle: 'short' }).format(call.clock.now());
    const assigner = new Assigner(open, day, call);
    await assigner.#rows.load(
      owners.map(({ id }) => id),
      call,
    );
    return assigner;
  }

  get needsProfile(): boolean {
    return this.#owners.some(({ territory }) => territory !== undefined && readsProfile(territory));
  }

  ownerOf(id: string): Owner | undefined {
    return this.#owners.find(({ owner }) => owner.id === id)?.owner;
  }

  /** In the order of the settings. */
  states(): readonly OwnerState[] {
    return this.#owners.map(({ owner, territory }) => {
      const row = this.#rows.get(owner.id);
      const openLeads = this.#open.get(owner.id) ?? 0;
      const assignedToday = row?.day === this.#day ? row.assignedToday : 0;
      const hasRoom = owner.isAway !== true && assignedToday < (owner.perDay ?? Infinity) && openLeads < (owner.maximumOpen ?? Infinity);
      return { owner, territory, openLeads, assignedToday, hasRoom };
    });
  }

  /** Who is next for a lead; `undefined` when nobody who takes it has room. @param except who does not count */
  choose(roots: Roots, except?: string): Owner | undefined {
    const able = this.states().filter(
      ({ owner, territory, hasRoom }) => hasRoom && owner.id !== except && (territory === undefined || holds(territory, roots)),
    );
    const byLoad = this.#settings.assignment?.by === 'load';
    const loadOf = ({ owner, openLeads }: OwnerState): number => (byLoad ? openLeads / Math.max(1, owner.maximumOpen ?? USUAL_LEADS) : 0);
    const turnOf = ({ owner }: OwnerState): number => this.#rows.get(owner.id)?.turn ?? 0;
    return able.toSorted((a, b) => loadOf(a) - loadOf(b) || turnOf(a) - turnOf(b))[0]?.owner;
  }

  /** Gives a lead to an owner and says so with an event. */
  give(
    book: LeadBook,
    lead: LeadsRow,
    owner: Owner,
    by: 'rule' | 'person',
    identities: Identities | undefined,
    call: Call<Settings>,
  ): void {
    const previousOwner = lead.owner ?? null;
    const turns = this.#owners.map(({ owner: { id } }) => this.#rows.get(id)?.turn ?? 0);
    const row = this.#rows.get(owner.id);
    const assignedToday = row?.day === this.#day ? row.assignedToday : 0;
    this.#rows.set({ id: owner.id, turn: Math.max(0, ...turns) + 1, day: this.#day, assignedToday: assignedToday + 1 });
    this.#open.set(owner.id, (this.#open.get(owner.id) ?? 0) + 1);
    this.#leave(previousOwner);
    book.state(lead.id, 'owner', { owner: owner.id, assignedAt: call.clock.now() });
    call.changes.emit({
      name: 'tendril.leads.assigned',
      discriminator: lead.id,
      ...(identities === undefined ? {} : { identities }),
      properties: {
        lead: lead.id,
        person: lead.person,
        owner: owner.id,
        ownerName: owner.name,
        ...(owner.email === undefined ? {} : { ownerEmail: owner.email }),
        previousOwner,
        by,
      },
    });
  }

  /** Takes a lead from its owner. */
  free(book: LeadBook, lead: LeadsRow): void {
    this.#leave(lead.owner ?? null);
    book.state(lead.id, 'owner', {}, ['owner', 'assignedAt']);
  }

  /** Puts whose turn it was into the changeset. */
  write(call: Call<Settings>): void {
    this.#rows.write(call);
  }

  #leave(previousOwner: string | null): void {
    if (previousOwner !== null) this.#open.set(previousOwner, Math.max(0, (this.#open.get(previousOwner) ?? 0) - 1));
  }
}

/** Leads of an owner that are not done; of nobody with null. */
export async function countLeads(owner: string | null, call: Call<Settings>): Promise<number> {
  let count = 0;
  for (const queue of ['open', 'snoozed']) {
    const [all] = await call.table<LeadsRow>('leads').aggregate({ index: 'by_owner_probability', equals: { queue, owner } });
    count += all?.count ?? 0;
  }
  return count;
}
