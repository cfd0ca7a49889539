import type { LeadsRow, PartsRow } from '../gen/manifest.gen.ts';
import type { Link } from './links.ts';
import { queueOf, stricter } from './standing.ts';

const MOST_HISTORY = 50;

/** What was said of a lead since it became one with others. */
type Statement = keyof NonNullable<PartsRow['stated']>;

/** A lead that several turned out to be, and what makes them one. */
export interface Whole {
  readonly parts: readonly PartsRow[];
  readonly links: readonly Link[];
}

/**
 * The lead that several are. The oldest lends its id. What was said since they became one counts before what was said
 * earlier; of that the strictest status, the highest stage (one set by a person first), the oldest's owner or else another's.
 */
export function combine({ parts, links }: Whole, stageNames: readonly string[]): LeadsRow {
  const sorted = parts.toSorted((a, b) => leadOfPart(a).capturedAt - leadOfPart(b).capturedAt || (a.id < b.id ? -1 : 1));
  const leads = sorted.map(leadOfPart);
  const [oldest] = leads;
  if (oldest === undefined) throw new RangeError('There is no lead to combine.');
  const { stage: _stage, stageAt: _stageAt, isStageByHand: _byHand, owner: _owner, assignedAt: _assignedAt, ...kept } = oldest;
  const { snoozedUntil: _snoozed, statusAt: _statusAt, ...base } = kept;
  const statusOf =
    latest(parts, 'status') ?? leads.reduce((best, each) => (stricter(best.status, each.status) === best.status ? best : each));
  const staged = latest(parts, 'stage') ?? highestStage(leads, stageNames);
  const owned = latest(parts, 'owner') ?? leads.find(({ owner }) => owner !== undefined);
  const snoozed = latest(parts, 'snooze') ?? leads.find(({ snoozedUntil }) => snoozedUntil !== undefined);
  const snoozedUntil = snoozed?.snoozedUntil;
  const history = leads.flatMap((lead) => lead.history ?? []).toSorted((a, b) => a.at - b.at);
  return {
    ...base,
    ...pick(leads, 'name'),
    ...pick(leads, 'email'),
    ...pick(leads, 'phone'),
    people: [...new Set(leads.flatMap(({ people }) => people))],
    status: statusOf.status,
    ...(statusOf.statusAt === undefined ? {} : { statusAt: statusOf.statusAt }),
    ...(staged?.stage === undefined ? {} : { stage: staged.stage }),
    ...(staged?.stageAt === undefined ? {} : { stageAt: staged.stageAt }),
    ...(staged?.isStageByHand === undefined ? {} : { isStageByHand: staged.isStageByHand }),
    ...(owned?.owner === undefined ? {} : { owner: owned.owner }),
    ...(owned?.assignedAt === undefined ? {} : { assignedAt: owned.assignedAt }),
    ...(snoozedUntil === undefined ? {} : { snoozedUntil }),
    ...(history.length === 0 ? {} : { history: history.slice(-MOST_HISTORY) }),
    queue: queueOf({ status: statusOf.status, ...(snoozedUntil === undefined ? {} : { snoozedUntil }) }),
    parts: sorted.map(({ id }) => id),
    links: [...links],
  };
}

/** The lead of a part for itself. */
export function leadOfPart({ lead }: PartsRow): LeadsRow {
  return lead as unknown as LeadsRow;
}

/** The part of which something was said last since they became one. */
function latest(parts: readonly PartsRow[], what: Statement): LeadsRow | undefined {
  const best = parts
    .filter(({ stated }) => stated?.[what] !== undefined)
    .toSorted((a, b) => (b.stated?.[what] ?? 0) - (a.stated?.[what] ?? 0))[0];
  return best === undefined ? undefined : leadOfPart(best);
}

function highestStage(leads: readonly LeadsRow[], stageNames: readonly string[]): LeadsRow | undefined {
  const rank = ({ stage, isStageByHand }: LeadsRow): number =>
    (isStageByHand === true ? 1_000 : 0) + (stage === undefined ? -1 : stageNames.indexOf(stage));
  return leads
    .filter(({ stage, isStageByHand }) => stage !== undefined || isStageByHand === true)
    .reduce<LeadsRow | undefined>((best, lead) => (best === undefined || rank(lead) > rank(best) ? lead : best), undefined);
}

function pick<Key extends 'name' | 'email' | 'phone'>(leads: readonly LeadsRow[], key: Key): Partial<Pick<LeadsRow, Key>> {
  const value = leads.find((lead) => lead[key] !== undefined)?.[key];
  return value === undefined ? {} : ({ [key]: value } as Partial<Pick<LeadsRow, Key>>);
}
