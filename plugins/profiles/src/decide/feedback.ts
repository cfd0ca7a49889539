import type { Call, ConsumerHandler, LoggedEvent, Row } from '@tendril/plugin-api';
import type { PlaceResultsRow, PlaceVersionsRow, PlaceViewsRow, Settings } from '../gen/manifest.gen.ts';
import { readDecisionId } from './decision-id.ts';
import type { DecisionParts } from './decision-id.ts';
import { FALLBACK, versionKey } from './place.ts';
import { viewsKey } from './sights.ts';
import { saidAt } from '../said-at.ts';

type View = PlaceViewsRow['views'][number];

/** What somebody reported of a decision. */
interface Report extends DecisionParts {
  readonly decision: string;
  readonly person: string;
  readonly at: number;
  readonly isClick: boolean;
  readonly isDismissal: boolean;
}

const MOST_VIEWS = 100;

/**
 * Counts what decisions led to. Each is counted once for each kind of report, however often and in whatever order the reports come;
 * whatever is reported of a decision says that it was shown, too. Decisions that a place cannot have made are left out.
 */
export const feedback: ConsumerHandler<Settings> = async (events, call) => {
  const reports = await keepTrue(events.flatMap(toReport), call);
  if (reports.length === 0) return;
  const views = await readAll<PlaceViewsRow>(
    'place_views',
    reports.map(({ person, place }) => viewsKey(person, place)),
    call,
  );
  const results = await readAll<PlaceResultsRow>('place_results', reports.map(resultsKey), call);
  const changedViews = new Map<string, PlaceViewsRow>();
  const changedResults = new Map<string, PlaceResultsRow>();
  for (const report of reports) {
    const key = viewsKey(report.person, report.place);
    const known = changedViews.get(key) ?? views.get(key)?.value ?? { id: key, views: [] };
    const before = known.views.find(({ decision }) => decision === report.decision);
    const after = viewAfter(before, report);
    changedViews.set(key, { id: key, views: withView(known.views, after) });
    const id = resultsKey(report);
    changedResults.set(id, countAfter(changedResults.get(id) ?? results.get(id)?.value ?? emptyResult(report), before, after));
  }
  for (const [key, row] of changedViews) call.changes.put('place_views', row, views.get(key)?.version ?? 'absent');
  for (const [key, row] of changedResults) call.changes.put('place_results', row, results.get(key)?.version ?? 'absent');
};

function toReport(event: LoggedEvent): readonly Report[] {
  const { name, profileId, properties } = event;
  const decision = properties['decision'];
  const parts = readDecisionId(decision);
  if (parts === undefined || typeof decision !== 'string' || profileId === undefined) return [];
  const isClick = name === 'Decision Clicked';
  return [{ ...parts, decision, person: profileId, at: saidAt(event), isClick, isDismissal: name === 'Decision Dismissed' }];
}

/** Ids come from outside: only versions that are kept, and what they hold, are counted. */
async function keepTrue(reports: readonly Report[], call: Call<Settings>): Promise<readonly Report[]> {
  const versions = await readAll<PlaceVersionsRow>(
    'place_versions',
    reports.map(({ place, version }) => versionKey(place, version)),
    call,
  );
  return reports.filter(({ place, version, candidate }) => {
    const held = versions.get(versionKey(place, version))?.value.place;
    return held !== undefined && (candidate === FALLBACK || held.candidates.some(({ id }) => id === candidate));
  });
}

async function readAll<Value extends object>(
  table: string,
  keys: readonly string[],
  call: Call<Settings>,
): Promise<ReadonlyMap<string, Row<Value>>> {
  const wanted = [...new Set(keys)];
  const rows = await call.table<Value>(table).getMany(wanted);
  return new Map(rows.flatMap((row) => (row === undefined ? [] : [[row.key, row] as const])));
}

function viewAfter(before: View | undefined, { decision, candidate, isHoldout, at, isClick, isDismissal }: Report): View {
  return {
    decision,
    // Who was held out did not see the candidate.
    candidate: isHoldout ? FALLBACK : candidate,
    shownAt: Math.min(at, before?.shownAt ?? at),
    ...((isClick || before?.isClicked === true) && { isClicked: true }),
    ...((isDismissal || before?.isDismissed === true) && { isDismissed: true }),
  };
}

function withView(views: readonly View[], view: View): View[] {
  const others = views.filter(({ decision }) => decision !== view.decision);
  return [...others, view].toSorted((a, b) => a.shownAt - b.shownAt).slice(-MOST_VIEWS);
}

function countAfter(row: PlaceResultsRow, before: View | undefined, after: View): PlaceResultsRow {
  const isNew = (member: 'isClicked' | 'isDismissed'): number => (after[member] === true && before?.[member] !== true ? 1 : 0);
  return {
    ...row,
    shown: row.shown + (before === undefined ? 1 : 0),
    clicked: row.clicked + isNew('isClicked'),
    dismissed: row.dismissed + isNew('isDismissed'),
  };
}

function resultsKey({ place, version, candidate, isHoldout }: DecisionParts): string {
  return `${place}/${String(version)}/${isHoldout ? '~' : ''}${candidate}`;
}

function emptyResult(report: Report): PlaceResultsRow {
  const { place, version, candidate, isHoldout } = report;
  return { id: resultsKey(report), place, version, candidate, isHoldout, shown: 0, clicked: 0, dismissed: 0 };
}
