import type { ActionHandler } from '@tendril/plugin-api';
import type { Settings, TimelineInput, TimelineOutput } from '../gen/manifest.gen.ts';
import { readPerson, toIso } from '../profile.ts';

/** What a person did, newest first, under all identities. @throws TendrilError NOT_FOUND when there is nobody of this id */
export const timeline: ActionHandler<TimelineInput, TimelineOutput, Settings> = async ({ id, limit = 100, cursor }, call) => {
  const { value } = await readPerson(id, call);
  // The log knows people by these two kinds only.
  const identities = value.identities.filter((identity) => !identity.startsWith('email:'));
  if (identities.length === 0) return { items: [] };
  const page = await call.events.ofPerson(identities, cursor === undefined ? { limit } : { limit, cursor });
  const items = page.items.map((event) => ({
    id: event.id,
    position: event.position,
    kind: event.kind,
    name: event.name,
    occurredAt: toIso(event.occurredAt),
    properties: event.properties,
    traits: event.traits,
  }));
  return page.nextCursor === undefined ? { items } : { items, nextCursor: page.nextCursor };
};
