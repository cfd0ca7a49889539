import type { Call, LoggedEvent, Row } from '@tendril/plugin-api';
import type { Graph } from './graph.ts';
import type { GroupMembersRow, GroupsRow, Settings } from './gen/manifest.gen.ts';
import { digestOf, groupKey } from './identity.ts';
import type { Part, Person } from './part.ts';
import { toRun, toTrait } from './part.ts';
import { isNotAfter, isSame } from './runs.ts';
import type { Run } from './runs.ts';
import { saidAt } from './said-at.ts';

const MOST_GROUPS_OF_PART = 200;
const LONGEST_ID = 1_000;

interface Group {
  readonly row: GroupsRow;
  readonly expect: Row['version'] | 'absent';
  readonly traits: Map<string, Run>;
  firstSeenAt: number;
  lastSeenAt: number;
  isChanged: boolean;
}

/** Companies, accounts and other groups that a batch of events names. */
export class Groups {
  readonly #call: Call<Settings>;
  readonly #groups = new Map<string, Group>();

  private constructor(call: Call<Settings>) {
    this.#call = call;
  }

  /** One question, where any event names a group. */
  static async load(events: readonly LoggedEvent[], call: Call<Settings>): Promise<Groups> {
    const groups = new Groups(call);
    const keys = [...new Set(events.flatMap((event) => groupIdOf(event) ?? []).map(groupKey))];
    for (const row of keys.length === 0 ? [] : await call.table<GroupsRow>('groups').getMany(keys)) {
      if (row !== undefined) groups.#groups.set(row.key, open(row.value, row.version));
    }
    return groups;
  }

  /** Notes the group of an event with its part, and what a `group` call states of it. */
  apply(event: LoggedEvent, part: Part): void {
    const id = groupIdOf(event);
    if (id === undefined) return;
    const group = this.#of(id, event);
    if (!part.groups.includes(id) && part.groups.length < MOST_GROUPS_OF_PART) part.groups.push(id);
    if (event.kind !== 'group') return;
    const at = saidAt(event);
    group.firstSeenAt = Math.min(group.firstSeenAt, at);
    group.lastSeenAt = Math.max(group.lastSeenAt, at);
    group.isChanged = true;
    for (const [name, value] of Object.entries(event.traits)) {
      if (value === undefined) continue;
      const known = group.traits.get(name);
      const statement = { value, at, source: event.id };
      if (
        known === undefined ? group.traits.size >= (this.#call.settings.maxTraits ?? 500) : !isNotAfter(known.at, known.source, statement)
      )
        continue;
      const since = known !== undefined && isSame(known.value, value) ? known.since : at;
      group.traits.set(name, { ...statement, since });
    }
  }

  #of(id: string, event: LoggedEvent): Group {
    const key = groupKey(id);
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const at = saidAt(event);
    const row: GroupsRow = {
      group: key,
      id,
      state: 'active',
      traits: {},
      firstSeenAt: at,
      lastSeenAt: at,
      createdPosition: event.position,
    };
    const group = { ...open(row, 0), expect: 'absent' as const, isChanged: true };
    this.#groups.set(key, group);
    return group;
  }

  /** Puts changed groups and memberships into the changeset. */
  write(graph: Graph): void {
    for (const { row, expect, traits, firstSeenAt, lastSeenAt, isChanged } of this.#groups.values()) {
      if (!isChanged) continue;
      const entries = [...traits].map(([name, run]) => [name, toTrait(run)] as const);
      this.#call.changes.put('groups', { ...row, firstSeenAt, lastSeenAt, traits: Object.fromEntries(entries) }, expect);
    }
    for (const person of graph.touched()) this.#writeMembers(person, new Set(person.parts.flatMap(({ groups }) => groups)));
    for (const person of graph.merged()) this.#writeMembers(person, new Set());
  }

  #writeMembers({ id: person, groupsBefore }: Person, groups: ReadonlySet<string>): void {
    if (groups.size === 0 && groupsBefore.size === 0) return;
    for (const id of groups) {
      if (groupsBefore.has(id)) continue;
      const group = groupKey(id);
      this.#call.changes.put('group_members', { id: memberId(person, group), group, person } satisfies GroupMembersRow);
    }
    for (const id of groupsBefore) if (!groups.has(id)) this.#call.changes.delete('group_members', memberId(person, groupKey(id)));
  }
}

function open(row: GroupsRow, version: number): Group {
  const traits = new Map(Object.entries(row.traits).map(([name, run]) => [name, toRun(run)]));
  return { row, expect: version, traits, firstSeenAt: row.firstSeenAt, lastSeenAt: row.lastSeenAt, isChanged: false };
}

function groupIdOf({ kind, identities: { groupId } }: LoggedEvent): string | undefined {
  return kind === 'hub' || groupId === undefined || groupId === '' || groupId.length > LONGEST_ID ? undefined : groupId;
}

function memberId(person: string, group: string): string {
  return `${person}/${digestOf(group)}`;
}
