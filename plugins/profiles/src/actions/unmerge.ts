import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler, Call } from '@tendril/plugin-api';
import type { LinksRow, PeopleRow, Settings, UnmergeInput, UnmergeOutput } from '../gen/manifest.gen.ts';
import { UNMERGE_REQUESTED } from '../hub-facts.ts';
import { readPerson } from '../profile.ts';
import { awaitLink } from './await-link.ts';

const REMEMBERED_SECONDS = 7 * 24 * 60 * 60;

/**
 * Undoes a merge. Natural: a link that is undone already is answered as such, and so is a person who was parted before.
 *
 * @throws TendrilError NOT_FOUND when there is no such link or nobody of the id, INPUT_INVALID when nothing was ever merged
 */
export const unmerge: ActionHandler<UnmergeInput, UnmergeOutput, Settings> = async ({ person, link: given, reason }, call) => {
  const link = given ?? (await chosenLink(person ?? '', call));
  const row = await call.table<LinksRow>('links').get(link);
  if (row === undefined) throw new TendrilError('NOT_FOUND', { field: 'link' });
  if (row.value.isUndone) return { ...toOutput(link, row.value), isChanged: false };
  call.changes.emit({ name: UNMERGE_REQUESTED, discriminator: link, properties: { link, ...(reason !== undefined && { reason }) } });
  await call.changes.flush();
  return toOutput(link, await awaitLink(link, ({ isUndone }) => isUndone, call));
};

/** The link that a person means: chosen once for a call, since the same call after a crash would find the next one. */
async function chosenLink(person: string, call: Call<Settings>): Promise<string> {
  const key = `unmerge/${call.idempotencyKey}/${person}`;
  const chosen = await call.kv.get(key);
  if (typeof chosen === 'string') return chosen;
  const link = await linkOf(person, call);
  await call.kv.set(key, link, REMEMBERED_SECONDS);
  return link;
}

/** The link by which the person was joined to another; of one that was not, the last by which another was joined to it; else the last that is undone. */
async function linkOf(id: string, call: Call<Settings>): Promise<string> {
  const { value: person } = await readPerson(id, call);
  const rows = await call.table<LinksRow>('links').getMany((person.links ?? []).map((tie) => tie.id));
  const links = rows.flatMap((row) => (row === undefined ? [] : [row.value])).toSorted(laterFirst);
  const joined = id === person.id ? links[0] : (links.find(({ from }) => from === id) ?? links.find((link) => isTieOf(link, id)));
  const found = joined ?? (await lastUndone(id, call));
  if (found === undefined) throw new TendrilError('INPUT_INVALID', { field: 'person', reason: 'nothing was merged that could be undone' });
  return found.id;
}

async function lastUndone(id: string, call: Call<Settings>): Promise<LinksRow | undefined> {
  const links = call.table<LinksRow>('links');
  const pages = await Promise.all([
    links.query({ index: 'by_from', equals: { from: id }, order: 'descending', limit: 1 }),
    links.query({ index: 'by_into', equals: { into: id }, order: 'descending', limit: 1 }),
  ]);
  return pages
    .flatMap(({ items }) => items.map(({ value }) => value))
    .toSorted(laterFirst)
    .find(({ isUndone }) => isUndone);
}

function laterFirst(left: LinksRow, right: LinksRow): number {
  return right.position - left.position;
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
