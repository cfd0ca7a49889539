import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import type { Change } from '../../ports.ts';
import type { OpenTenant } from '../../tenants/contract.ts';
import type { BroadcastRecord } from './broadcast-record.ts';
import { BROADCAST_PEOPLE } from './tables.ts';

/** The capability that gives the people of a segment, or everybody. */
export const AUDIENCE_CAPABILITY = 'audience.members@1';
/** How many people are read at once. */
export const PAGE_PEOPLE = 200;

/** A page of people, and where the next one begins. */
export interface AudiencePage {
  readonly people: readonly string[];
  readonly source: BroadcastRecord['source'];
  readonly total?: number;
  /** What is of no use any more once the page is taken over. */
  readonly changes: readonly Change[];
}

/** Whether there are no more pages. */
export function isOver(source: BroadcastRecord['source']): boolean {
  return source.kind === 'given' ? source.next >= source.pages : source.isOver;
}

/** Reads the next page of people. @throws TendrilError of the capability: NOT_FOUND for a segment that does not exist */
export async function readAudience(
  actions: ActionPath,
  tenant: OpenTenant,
  record: Pick<BroadcastRecord, 'id' | 'source' | 'segment' | 'isTest'>,
): Promise<AudiencePage> {
  const { source } = record;
  if (source.kind === 'given') return readGiven(tenant, record.id, source);
  const { output } = await actions.execute({
    tenantId: tenant.tenant.id,
    name: AUDIENCE_CAPABILITY,
    input: {
      limit: PAGE_PEOPLE,
      ...(record.segment !== undefined && { segment: record.segment }),
      ...(source.cursor !== undefined && { cursor: source.cursor }),
    },
    idempotencyKey: 'read',
    attempt: 1,
    caller: { kind: 'hub' },
    isTest: record.isTest,
  });
  const { people, nextCursor, total } = output as {
    readonly people: readonly string[];
    readonly nextCursor?: string;
    readonly total?: number;
  };
  const next =
    nextCursor === undefined
      ? { kind: 'audience' as const, isOver: true }
      : { kind: 'audience' as const, cursor: nextCursor, isOver: false };
  return { people, source: next, ...(total !== undefined && { total }), changes: [] };
}

async function readGiven(
  { state }: OpenTenant,
  id: string,
  source: Extract<BroadcastRecord['source'], { kind: 'given' }>,
): Promise<AudiencePage> {
  const key = pageKey(id, source.next);
  const [row] = await state.get(BROADCAST_PEOPLE, [key]);
  if (row === undefined) throw new TendrilError('INTERNAL', { broadcast: id, page: source.next });
  return {
    people: row.value['people'] as readonly string[],
    source: { ...source, next: source.next + 1 },
    changes: [{ op: 'delete', table: BROADCAST_PEOPLE, key }],
  };
}

/** The changes that keep given people in pages. */
export function pagesOf(id: string, people: readonly string[]): readonly Change[] {
  const pages: Change[] = [];
  for (let start = 0; start < people.length; start += PAGE_PEOPLE) {
    const value: JsonObject = { key: pageKey(id, pages.length), people: people.slice(start, start + PAGE_PEOPLE) };
    pages.push({ op: 'put', table: BROADCAST_PEOPLE, value });
  }
  return pages;
}

/** Keys of pages of people. */
export function pageKey(id: string, page: number): string {
  return `${id}/${String(page).padStart(8, '0')}`;
}
