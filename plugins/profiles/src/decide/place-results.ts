import type { ActionHandler, Call } from '@tendril/plugin-api';
import type { PlaceResultsInput, PlaceResultsOutput, PlaceResultsRow, PlaceVersionsRow, Settings } from '../gen/manifest.gen.ts';
import { FALLBACK, versionKey } from './place.ts';
import { requirePlace } from './place-actions.ts';
import { wilsonInterval } from './wilson.ts';

type Result = PlaceResultsOutput['candidates'][number];
type Rates = NonNullable<Result['heldOut']>;

/** How often each candidate was shown, clicked and dismissed. @throws TendrilError NOT_FOUND */
export const placeResults: ActionHandler<PlaceResultsInput, PlaceResultsOutput, Settings> = async ({ id, version }, call) => {
  const head = await requirePlace(id, call);
  const current = await call.table<PlaceVersionsRow>('place_versions').get(versionKey(id, head.version));
  const rows = await readRows(id, version, call);
  const ids = [...(current?.value.place.candidates.map((candidate) => candidate.id) ?? []), FALLBACK];
  const gone = [...new Set(rows.map(({ candidate }) => candidate))].filter((candidate) => !ids.includes(candidate)).toSorted();
  return {
    place: id,
    candidates: [...ids, ...gone].map((candidate) => toResult(candidate, !gone.includes(candidate), rows)),
  };
};

async function readRows(place: string, version: number | undefined, call: Call<Settings>): Promise<readonly PlaceResultsRow[]> {
  const rows: PlaceResultsRow[] = [];
  let cursor: string | undefined;
  do {
    const page = await call.table<PlaceResultsRow>('place_results').query({
      index: 'by_place',
      equals: { place, ...(version !== undefined && { version }) },
      limit: 1_000,
      ...(cursor !== undefined && { cursor }),
    });
    rows.push(...page.items.map(({ value }) => value));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return rows;
}

function toResult(candidate: string, isCurrent: boolean, rows: readonly PlaceResultsRow[]): Result {
  const own = rows.filter((row) => row.candidate === candidate);
  const heldOut = own.filter(({ isHoldout }) => isHoldout);
  return {
    candidate,
    isCurrent,
    ...toRates(own.filter(({ isHoldout }) => !isHoldout)),
    ...(heldOut.length > 0 && { heldOut: toRates(heldOut) }),
  };
}

function toRates(rows: readonly PlaceResultsRow[]): Rates {
  const sum = (count: 'shown' | 'clicked' | 'dismissed'): number => rows.reduce((total, row) => total + row[count], 0);
  const [shown, clicked, dismissed] = [sum('shown'), sum('clicked'), sum('dismissed')];
  const interval = wilsonInterval(clicked, shown);
  return {
    shown,
    clicked,
    dismissed,
    clickedRatio: shown === 0 ? null : clicked / shown,
    clickedRatioLow: interval?.low ?? null,
    clickedRatioHigh: interval?.high ?? null,
  };
}
