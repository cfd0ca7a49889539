import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler, Call } from '@tendril/plugin-api';
import type { LinksRow, PeopleRow, Settings, UnmergeInput, UnmergeOutput } from '../gen/manifest.gen.ts';
import { UNMERGE_REQUESTED } from '../hub-facts.ts';
import { readPerson } from '../profile.ts';
import { awaitLink } from './await-link.ts';

/**
 * Undoes a merge. Natural: a link that is undone already is answered as such.
 *
 * @throws TendrilError NOT_FOUND when there is no such link or nobody of the id, INPUT_INVALID when nothing was merged
 */
export const unmerge: ActionHandler<UnmergeInput, UnmergeOutput, Settings> = async ({ person, link: given, reason }, call) => {
  const link = given ?? (await linkOf(person ?? '', call));
  const row = await call.table<LinksRow>('links').get(link);
  if (row === undefined) throw new TendrilError('NOT_FOUND', { field: 'link', link });
  if (row.value.isUndone) return { ...toOutput(link, row.value), isChanged: false };
  call.changes.emit({ name: UNMERGE_REQUESTED, discriminator: link, properties: { link, ...(reason !== undefined && { reason }) } });
  await call.changes.flush();
  return toOutput(link, await awaitLink(link, ({ isUndone }) => isUndone, call));
};

/** The link by which the person was joined to another; of one that was not, the last by which another was joined to it. */
async function linkOf(id: string, call: Call<Settings>): Promise<string> {
  const { value: person } = await readPerson(id, call);
  const ties = person.links ?? [];
  const rows = await call.table<LinksRow>('links').getMany(ties.map((tie) => tie.id));
  const links = rows.flatMap((row) => (row === undefined ? [] : [row.value])).toSorted((left, right) => right.position - left.position);
  const found = id === person.id ? links[0] : (links.find(({ from }) => from === id) ?? links.find((link) => isTieOf(link, id)));
  if (found === undefined) throw new TendrilError('INPUT_INVALID', { field: 'person', reason: 'nothing was merged that could be undone' });
  return found.id;
}

function isTieOf({ intoPart, fromPart }: LinksRow, part: PeopleRow['id']): boolean {
  return intoPart === part || fromPart === part;
}

function toOutput(link: string, row: LinksRow | undefined): UnmergeOutput {
  return {
    link,
    isChanged: true,
    isVisible: row !== undefined,
    ...(row?.undonePosition !== undefined && { position: row.undonePosition }),
  };
}
