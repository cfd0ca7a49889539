import type { ActionHandler, Call } from '@tendril/plugin-api';
import type { LinksRow, MergeInput, MergeOutput, PeopleRow, Settings } from '../gen/manifest.gen.ts';
import { MERGE_REQUESTED } from '../hub-facts.ts';
import { digestOf } from '../identity.ts';
import { readPerson } from '../profile.ts';
import { awaitLink } from './await-link.ts';

/**
 * Makes one person of two. Natural: what it asks for is a fact of the log, by an id that is the same for the same call; of two who
 * are one person already nothing is asked.
 *
 * @throws TendrilError NOT_FOUND when there is nobody of an id
 */
export const merge: ActionHandler<MergeInput, MergeOutput, Settings> = async ({ into, from, reason }, call) => {
  const link = `l${digestOf(`${call.idempotencyKey}/${into}/${from}`).slice(0, 24)}`;
  const done = await call.table<LinksRow>('links').get(link);
  if (done !== undefined) return toOutput(done.value);
  const [{ value: winner }, { value: loser }] = await Promise.all([readPerson(into, call), readPerson(from, call)]);
  if (winner.id === loser.id) {
    const direct = await findLink(winner, into, from, call);
    return { ...(direct === undefined ? { isVisible: true, into: winner.id, from } : toOutput(direct)), isChanged: false };
  }
  call.changes.emit({
    name: MERGE_REQUESTED,
    discriminator: link,
    properties: { link, into: winner.id, from: loser.id, by: 'person', ...(reason !== undefined && { reason }) },
  });
  await call.changes.flush();
  const row = await awaitLink(link, () => true, call);
  return row === undefined ? { isChanged: true, link, isVisible: false, into: winner.id, from: loser.id } : toOutput(row);
};

/** The link that joins these two to one another, whichever of them stayed. */
async function findLink(person: PeopleRow, into: string, from: string, call: Call<Settings>): Promise<LinksRow | undefined> {
  const rows = await call.table<LinksRow>('links').getMany((person.links ?? []).map(({ id }) => id));
  return rows
    .flatMap((row) => (row === undefined ? [] : [row.value]))
    .find((link) => (link.into === into && link.from === from) || (link.into === from && link.from === into));
}

function toOutput({ id, position, into, from }: LinksRow): MergeOutput {
  return { isChanged: true, link: id, isVisible: true, position, into, from };
}
