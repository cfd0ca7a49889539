import type { ActionHandler } from '@tendril/plugin-api';
import type { ClockRow, PeopleRow, SegmentPreviewInput, SegmentPreviewOutput, Settings } from '../gen/manifest.gen.ts';
import { toProfile } from '../profile.ts';
import { Catalogue, checkDefinition } from '../segments/catalogue.ts';
import { checkFields } from '../segments/check-fields.ts';
import { compileCondition } from '../segments/condition.ts';
import { countFromLog } from '../segments/count-from-log.ts';
import { countPeople } from '../segments/describe.ts';
import { viewsOf } from '../segments/person-at-rest.ts';
import { warningsOf } from '../segments/warnings.ts';

/** How long may be looked, in milliseconds. */
const BUDGET_MS = 3_000;
const PAGE = 500;
const MOST_PEOPLE = 20_000;

/**
 * Counts who would be in: by what is kept of everybody where the same is counted already, from the log otherwise. Those
 * who were seen last are looked at first.
 *
 * @throws TendrilError EXPRESSION_INVALID with the place in the condition
 */
export const segmentPreview: ActionHandler<SegmentPreviewInput, SegmentPreviewOutput, Settings> = async (
  { condition: source, sample = 10 },
  call,
) => {
  const until = call.clock.now() + BUDGET_MS;
  const [catalogue, clock, peopleTotal] = await Promise.all([
    Catalogue.load(call),
    call.table<ClockRow>('clock').get('log'),
    countPeople(call),
  ]);
  checkDefinition(catalogue, { kind: 'segment', name: '', condition: source }, call);
  const condition = compileCondition(source, call.expressions);
  checkFields(condition);
  const now = Math.max(call.clock.now(), clock?.value.now ?? 0);
  const missing = condition.aggregates.filter(({ id }) => !catalogue.isReady(id));
  const counted = await countFromLog(missing, { now, until: until - BUDGET_MS / 3 }, call);
  const found: PeopleRow[] = [];
  let peopleExamined = 0;
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await call
      .table<PeopleRow>('people')
      .query({ index: 'recent', equals: { state: 'active' }, order: 'descending', limit: PAGE, ...(cursor !== undefined && { cursor }) });
    const people = page.items.map(({ value }) => value);
    const views = await viewsOf(people, { model: catalogue.model, condition, now, extra: counted }, call);
    for (const [index, view] of views.entries()) {
      const person = people[index];
      if (person === undefined || !condition.holds(view)) continue;
      count += 1;
      if (found.length < sample) found.push(person);
    }
    peopleExamined += people.length;
    cursor = page.nextCursor;
  } while (cursor !== undefined && peopleExamined < MOST_PEOPLE && call.clock.now() < until);
  return {
    count,
    estimate: peopleExamined === 0 ? 0 : Math.round((count / peopleExamined) * Math.max(peopleTotal, peopleExamined)),
    peopleExamined,
    peopleTotal: Math.max(peopleTotal, peopleExamined),
    eventsExamined: counted.eventsExamined,
    isPartial: counted.isPartial || cursor !== undefined,
    sample: found.map((person) => ({ id: person.id, traits: toProfile(person).traits })),
    warnings: await warningsOf(condition, catalogue, call),
  };
};
