import type { Call, Row } from '@tendril/plugin-api';
import type { Settings, TraitHistoryRow } from './gen/manifest.gen.ts';
import type { Graph } from './graph.ts';
import { toRun, toTrait } from './part.ts';
import type { NamedStatement, Part } from './part.ts';
import { addStatement, isNotAfter, isSame } from './runs.ts';
import type { Run } from './runs.ts';

type Histories = ReadonlyMap<string, Row<TraitHistoryRow>>;

/** Applies what the batch stated, the last statement by time winning; former values go into the history. */
export async function applyTraits(graph: Graph, call: Call<Settings>): Promise<void> {
  const parts = graph.stated();
  const histories = await loadHistories(parts, call);
  for (const part of parts) applyTo(part, histories.get(part.id), call);
}

function applyTo(part: Part, stored: Row<TraitHistoryRow> | undefined, call: Call<Settings>): void {
  const past = new Map(Object.entries(stored?.value.traits ?? {}).map(([name, runs]) => [name, runs.map(toRun)]));
  const limits = { former: call.settings.historyPerTrait ?? 20, traits: call.settings.maxTraits ?? 500 };
  const isPastChanged = part.statements.filter((statement) => applyStatement(part, past, statement, limits)).length > 0;
  part.statements = [];
  if (!isPastChanged) return;
  const traits = Object.fromEntries([...past].map(([name, runs]) => [name, runs.map(toTrait)]));
  call.changes.put('trait_history', { person: part.id, traits } satisfies TraitHistoryRow, stored?.version ?? 'absent');
}

/** @returns whether the history changed */
function applyStatement(
  part: Part,
  past: Map<string, readonly Run[]>,
  { name, ...statement }: NamedStatement,
  limits: { readonly former: number; readonly traits: number },
): boolean {
  const current = part.traits.get(name);
  if (current === undefined) {
    if (part.traits.size < limits.traits) part.traits.set(name, { ...statement, value: statement.value, since: statement.at });
    return false;
  }
  if (isSame(current.value, statement.value) && isNotAfter(current.at, current.source, statement)) {
    part.traits.set(name, { ...current, at: statement.at, source: statement.source });
    return false;
  }
  const runs = addStatement([...(past.get(name) ?? []), current], statement);
  const former = runs.slice(0, -1);
  const last = runs.at(-1);
  if (last !== undefined) part.traits.set(name, last);
  past.set(name, limits.former === 0 ? [] : former.slice(-limits.former));
  return true;
}

/** One question for those of which something changes that was known before. */
async function loadHistories(parts: readonly Part[], call: Call<Settings>): Promise<Histories> {
  const ids = parts.filter((part) => part.isStored && needsHistory(part)).map(({ id }) => id);
  if (ids.length === 0) return new Map();
  const rows = await call.table<TraitHistoryRow>('trait_history').getMany(ids);
  return new Map(rows.flatMap((row) => (row === undefined ? [] : [[row.key, row] as const])));
}

function needsHistory({ statements, traits }: Part): boolean {
  const states = new Map<string, unknown>();
  return statements.some((statement) => {
    const current = traits.get(statement.name);
    const value = states.has(statement.name) ? states.get(statement.name) : current?.value;
    states.set(statement.name, statement.value);
    if (current === undefined && value === undefined) return false;
    return !isSame(value, statement.value) || (current !== undefined && !isNotAfter(current.at, current.source, statement));
  });
}
