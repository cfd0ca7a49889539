import type { ConsumerHandler } from '@tendril/plugin-api';
import { assignEvent, listOf, mentionsOf } from '../assign.ts';
import { Batch } from '../batch.ts';
import type { Settings } from '../gen/manifest.gen.ts';
import { toRow } from '../person.ts';
import { applyTraits } from '../traits.ts';

/** Makes people out of events: who they are, what is known of them, when they were seen. Emits nothing. */
export const project: ConsumerHandler<Settings> = async (events, call) => {
  const emailTrait = call.settings.emailTrait ?? 'email';
  const mentioned = events.flatMap((event) => {
    const mentions = mentionsOf(event, emailTrait);
    return mentions === undefined ? [] : [{ event, mentions }];
  });
  if (mentioned.length === 0) return;

  const batch = await Batch.load(new Set(mentioned.flatMap(({ mentions }) => listOf(mentions))), call);
  for (const { event, mentions } of mentioned) {
    const person = assignEvent(event, mentions, batch);
    person.firstSeenAt = Math.min(person.firstSeenAt, event.occurredAt);
    person.lastSeenAt = Math.max(person.lastSeenAt, event.occurredAt);
    person.isTouched = true;
    if (event.identities.groupId !== undefined) person.groups.add(event.identities.groupId);
    if (event.kind === 'group') continue;
    for (const [name, value] of Object.entries(event.traits)) {
      if (value !== undefined) person.statements.push({ name, value, at: event.occurredAt, source: event.id });
    }
  }

  const people = batch.touched();
  await applyTraits(people, call);
  for (const person of people) call.changes.put('people', toRow(person), person.expect);
  batch.write(call);
};
