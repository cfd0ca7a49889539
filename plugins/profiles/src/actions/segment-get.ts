import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import type { SegmentGetInput, SegmentGetOutput, Settings } from '../gen/manifest.gen.ts';
import { Catalogue, dependantsOf } from '../segments/catalogue.ts';
import { compileCondition } from '../segments/condition.ts';
import { countPeople, membersBySlot, toSegment } from '../segments/describe.ts';

/** One segment, what it reads and who refers to it. @throws TendrilError NOT_FOUND */
export const segmentGet: ActionHandler<SegmentGetInput, SegmentGetOutput, Settings> = async ({ name }, call) => {
  const [catalogue, members, people] = await Promise.all([Catalogue.load(call), membersBySlot(call), countPeople(call)]);
  const definition = catalogue.find('segment', name);
  if (definition === undefined) throw new TendrilError('NOT_FOUND', { field: 'name', segment: name });
  const segment = toSegment(definition, { members, people }, catalogue, call);
  const { reads, aggregates } = compileCondition(segment.condition, call.expressions);
  const { next, active } = definition;
  const isNextApart = active !== undefined && next?.condition !== undefined;
  return {
    ...segment,
    ...(isNextApart && { next: { version: next.version, condition: next.condition ?? '' } }),
    reads: [
      ...[...reads].filter((key) => !key.startsWith('aggregate:')),
      ...new Set(aggregates.map((aggregate) => `event:${aggregate.definition.event}`)),
    ].sort(),
    usedBy: [...dependantsOf(catalogue, name)].sort(),
  };
};
