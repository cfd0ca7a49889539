import type { Call } from '@tendril/plugin-api';
import type { MembersRow, PeopleRow, SegmentListOutput, Settings } from '../gen/manifest.gen.ts';
import { toIso } from '../profile.ts';
import type { Catalogue } from './catalogue.ts';
import { aggregatesOf } from './catalogue.ts';
import { slotOf } from './definition.ts';
import type { Definition } from './definition.ts';

/** A segment as actions give it. */
export type SegmentItem = SegmentListOutput['items'][number];

/** Members by segment with version. */
export async function membersBySlot(call: Call<Settings>): Promise<ReadonlyMap<string, number>> {
  const groups = await call.table<MembersRow>('members').aggregate({ index: 'by_slot', groupBy: 'slot' });
  return new Map(groups.flatMap(({ group, count }) => (typeof group === 'string' ? [[group, count] as const] : [])));
}

/** How many people there are. */
export async function countPeople(call: Call<Settings>): Promise<number> {
  const [active] = await call.table<PeopleRow>('people').aggregate({ index: 'recent', equals: { state: 'active' } });
  return active?.count ?? 0;
}

/** What else has to be known to tell how far something is. */
export interface Counts {
  readonly members: ReadonlyMap<string, number>;
  readonly people: number;
}

/** A segment as actions give it. */
export function toSegment(definition: Definition, counts: Counts, catalogue: Catalogue, call: Call<Settings>): SegmentItem {
  const { name, active, next } = definition;
  const shown = active ?? next;
  return {
    ...toCommon(definition, counts, catalogue, call),
    condition: shown?.condition ?? '',
    members: active === undefined ? 0 : (counts.members.get(slotOf(name, active.position)) ?? 0),
  };
}

/** What segments and computed traits have in common. */
export function toCommon(definition: Definition, counts: Counts, catalogue: Catalogue, call: Call<Settings>) {
  const { name, title = '', description = '', latest, active, next, savedAt } = definition;
  const progress = progressOf(definition, counts, catalogue, call);
  return {
    name,
    title,
    description,
    state: stateOf(definition),
    version: active?.version ?? next?.version ?? latest,
    savedAt: toIso(savedAt),
    ...(progress !== undefined && { progress }),
  };
}

function stateOf({ active, next, settling }: Definition): SegmentItem['state'] {
  if (active === undefined) return 'preparing';
  if (next !== undefined) return 'changing';
  if (settling?.stage === 'people') return settling.from === 0 ? 'preparing' : 'changing';
  return 'active';
}

function progressOf(
  { name, active, next, settling, latest }: Definition,
  { members, people }: Counts,
  catalogue: Catalogue,
  call: Call<Settings>,
): SegmentItem['progress'] {
  const ratioOf = (done = 0, total = 0): number => (total === 0 ? 1 : Math.min(1, done / total));
  if (settling?.stage === 'people') return { stage: 'sorting', ratio: ratioOf(settling.done, people), version: active?.version ?? latest };
  if (settling !== undefined && active !== undefined) {
    const affected = [settling.from, active.position].reduce((sum, position) => sum + (members.get(slotOf(name, position)) ?? 0), 0);
    return { stage: 'telling', ratio: ratioOf(settling.done, affected), version: active.version };
  }
  if (next === undefined) return undefined;
  if (next.isEvaluated === true) return { stage: 'sorting', ratio: ratioOf(next.done, people), version: next.version };
  const kept = new Map(catalogue.kept().map((aggregate) => [aggregate.key, aggregate]));
  const ratios = aggregatesOf(next, call).map(({ id }) => {
    const aggregate = kept.get(catalogue.model.keyOf(id)?.key ?? '');
    return aggregate === undefined ? 0 : ratioOf(aggregate.cursor, aggregate.upTo);
  });
  return { stage: 'counting', ratio: Math.min(1, ...ratios), version: next.version };
}
