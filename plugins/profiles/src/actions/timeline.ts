import type { ActionHandler, Call, LoggedEvent } from '@tendril/plugin-api';
import { consentIn } from '../consent.ts';
import type { LinksRow, PeopleRow, Settings, TimelineInput, TimelineOutput } from '../gen/manifest.gen.ts';
import { identitiesOf } from '../in-force.ts';
import { readPerson, toIso } from '../profile.ts';
import { isSame } from '../runs.ts';
import type { Run } from '../runs.ts';
import { readRuns } from '../trait-runs.ts';
import { saidAt } from '../said-at.ts';

type Item = TimelineOutput['items'][number];
type Change = NonNullable<Item['changes']>[number];

/** What a person did, newest first, under all identities, and what it changed. @throws TendrilError NOT_FOUND when there is nobody of this id */
export const timeline: ActionHandler<TimelineInput, TimelineOutput, Settings> = async ({ id, limit = 100, cursor }, call) => {
  const { value } = await readPerson(id, call);
  // The log knows people by these two kinds only.
  const identities = identitiesOf(value).filter((identity) => /^(userId|anonymousId):/.test(identity));
  if (identities.length === 0) return { items: [] };
  const [page, runs, links] = await Promise.all([
    call.events.ofPerson(identities, cursor === undefined ? { limit } : { limit, cursor }),
    readRuns(value, call),
    readLinks(value, call),
  ]);
  const items = page.items.map((event) =>
    toItem(event, [...traitChanges(event, runs), ...consentChanges(event), ...linkChanges(event, links)]),
  );
  return page.nextCursor === undefined ? { items } : { items, nextCursor: page.nextCursor };
};

function toItem(event: LoggedEvent, changes: Change[]): Item {
  return {
    id: event.id,
    position: event.position,
    kind: event.kind,
    name: event.name,
    occurredAt: toIso(event.occurredAt),
    properties: event.properties,
    traits: event.traits,
    ...(changes.length > 0 && { changes }),
  };
}

async function readLinks(person: PeopleRow, call: Call<Settings>): Promise<readonly LinksRow[]> {
  const rows = await call.table<LinksRow>('links').getMany((person.links ?? []).map((tie) => tie.id));
  return rows.flatMap((row) => (row === undefined ? [] : [row.value]));
}

/** An event changed a trait where a stretch of a value begins with it. */
function traitChanges(event: LoggedEvent, runs: ReadonlyMap<string, readonly Run[]>): readonly Change[] {
  if (event.kind === 'group' || event.kind === 'hub') return [];
  return Object.entries(event.traits).flatMap(([trait, value]): readonly Change[] => {
    const ofTrait = runs.get(trait) ?? [];
    const index = ofTrait.findIndex((run) => run.since === saidAt(event) && isSame(run.value, value));
    if (index < 0) return [];
    const before = ofTrait[index - 1];
    return [{ kind: 'trait', trait, value, ...(before !== undefined && { before: before.value }) }];
  });
}

function consentChanges(event: LoggedEvent): readonly Change[] {
  if (event.kind === 'hub') return [];
  return consentIn(event).map(({ category, isGranted }) => ({ kind: 'consent', category, isGranted }));
}

/** Which event joined two is told by the link while it holds; of one by hand or by rule, and of one that was undone, by what was reported. */
function linkChanges({ id, name, properties }: LoggedEvent, links: readonly LinksRow[]): readonly Change[] {
  const made = links
    .filter(({ eventId }) => eventId === id)
    .map(({ id: link, from, reason }): Change => ({ kind: 'merged', link, person: from, reason }));
  const { link, from, reason } = properties;
  if (typeof link !== 'string' || typeof from !== 'string' || typeof reason !== 'string') return made;
  if (name === 'tendril.profiles.unmerged') return [...made, { kind: 'unmerged', link, person: from, reason }];
  const isShownElsewhere = reason !== 'person' && reason !== 'rule' && links.some((other) => other.id === link);
  return name !== 'tendril.profiles.merged' || isShownElsewhere ? made : [...made, { kind: 'merged', link, person: from, reason }];
}
