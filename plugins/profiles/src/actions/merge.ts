import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import type { LinksRow, MergeInput, MergeOutput, Settings } from '../gen/manifest.gen.ts';
import { MERGE_REQUESTED } from '../hub-facts.ts';
import { digestOf } from '../identity.ts';
import { readPerson } from '../profile.ts';
import { awaitLink } from './await-link.ts';

/**
 * Makes one person of two. Natural: what it asks for is a fact of the log, by an id that is the same for the same call.
 *
 * @throws TendrilError NOT_FOUND when there is nobody of an id, INPUT_INVALID when both are one person already
 */
export const merge: ActionHandler<MergeInput, MergeOutput, Settings> = async ({ into, from, reason }, call) => {
  const link = `l${digestOf(`${call.idempotencyKey}/${into}/${from}`).slice(0, 24)}`;
  const links = call.table<LinksRow>('links');
  const done = await links.get(link);
  if (done !== undefined) return { link, isVisible: true, position: done.value.position, into: done.value.into, from: done.value.from };
  const [{ value: winner }, { value: loser }] = await Promise.all([readPerson(into, call), readPerson(from, call)]);
  if (winner.id === loser.id)
    throw new TendrilError('INPUT_INVALID', { field: 'from', reason: 'both are one person already', person: winner.id });
  call.changes.emit({
    name: MERGE_REQUESTED,
    discriminator: link,
    properties: { link, into: winner.id, from: loser.id, by: 'person', ...(reason !== undefined && { reason }) },
  });
  await call.changes.flush();
  const row = await awaitLink(link, () => true, call);
  return { link, isVisible: row !== undefined, ...(row !== undefined && { position: row.position }), into: winner.id, from: loser.id };
};
