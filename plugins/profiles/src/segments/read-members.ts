import type { Call } from '@tendril/plugin-api';
import type { DefinitionsRow, MembersRow, Settings } from '../gen/manifest.gen.ts';
import { definitionId, slotOf } from './definition.ts';

/** A page of the members of a segment. */
export interface MembersPage {
  readonly items: readonly MembersRow[];
  readonly nextCursor?: string;
  /** On the first page. */
  readonly total?: number;
}

/** Members of a segment in the order of their ids; `undefined` when there is no such segment, or none that serves yet. */
export async function readMembers(
  name: string,
  { cursor, limit = 100 }: { readonly cursor?: string; readonly limit?: number },
  call: Call<Settings>,
): Promise<MembersPage | undefined> {
  const definition = (await call.table<DefinitionsRow>('definitions').get(definitionId('segment', name)))?.value;
  if (definition?.active === undefined) return undefined;
  const slot = slotOf(name, definition.active.position);
  const members = call.table<MembersRow>('members');
  const page = await members.query({ index: 'by_slot', equals: { slot }, limit, ...(cursor !== undefined && { cursor }) });
  const items = page.items.map(({ value }) => value);
  const next = page.nextCursor === undefined ? {} : { nextCursor: page.nextCursor };
  if (cursor !== undefined) return { items, ...next };
  const [all] = await members.aggregate({ index: 'by_slot', equals: { slot } });
  return { items, ...next, total: all?.count ?? 0 };
}
