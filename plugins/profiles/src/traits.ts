import type { Call, Row } from '@tendril/plugin-api';
import type { Settings, TraitHistoryRow } from './gen/manifest.gen.ts';
import { toTrait } from './person.ts';
import type { NamedStatement, Person } from './person.ts';
import { addStatement, isNotAfter, isSame } from './runs.ts';
import type { Run } from './runs.ts';

type Histories = ReadonlyMap<string, Row<TraitHistoryRow>>;

/** Applies what the batch stated of people, the last statement by time winning; former values go into the history. */
export async function applyTraits(people: readonly Person[], call: Call<Settings>): Promise<void> {
  const histories = await loadHistories(people, call);
  for (const person of people) {
    if (person.mergedInto === undefined) applyTo(person, histories, call);
    else if (histories.has(person.id)) call.changes.delete('trait_history', person.id, histories.get(person.id)?.version);
  }
}

function applyTo(person: Person, histories: Histories, call: Call<Settings>): void {
  const statements = [...person.absorbed.flatMap((other) => statementsOf(other, histories)), ...person.statements];
  if (statements.length === 0) return;
  const stored = histories.get(person.id);
  const past = new Map(Object.entries(stored?.value.traits ?? {}).map(([name, runs]) => [name, runs.map(toRun)]));
  const limits = { former: call.settings.historyPerTrait ?? 20, traits: call.settings.maxTraits ?? 500 };
  const isPastChanged = statements.filter((statement) => applyStatement(person, past, statement, limits)).length > 0;
  if (!isPastChanged) return;
  const traits = Object.fromEntries([...past].map(([name, runs]) => [name, runs.map(toTrait)]));
  call.changes.put('trait_history', { person: person.id, traits } satisfies TraitHistoryRow, stored?.version ?? 'absent');
}

/** @returns whether the history changed */
function applyStatement(
  person: Person,
  past: Map<string, readonly Run[]>,
  { name, ...statement }: NamedStatement,
  limits: { readonly former: number; readonly traits: number },
): boolean {
  const current = person.traits.get(name);
  if (current === undefined) {
    if (person.traits.size < limits.traits) person.traits.set(name, { ...statement, value: statement.value, since: statement.at });
    return false;
  }
  if (isSame(current.value, statement.value) && isNotAfter(current.at, current.source, statement)) {
    person.traits.set(name, { ...current, at: statement.at, source: statement.source });
    return false;
  }
  const runs = addStatement([...(past.get(name) ?? []), current], statement);
  const former = runs.slice(0, -1);
  const last = runs.at(-1);
  if (last !== undefined) person.traits.set(name, last);
  past.set(name, limits.former === 0 ? [] : former.slice(-limits.former));
  return true;
}

/** One question for those of whom something may have changed that was known before. */
async function loadHistories(people: readonly Person[], call: Call<Settings>): Promise<Histories> {
  const ids = people.filter((person) => person.expect !== 'absent' && needsHistory(person)).map((person) => person.id);
  if (ids.length === 0) return new Map();
  const rows = await call.table<TraitHistoryRow>('trait_history').getMany(ids);
  return new Map(rows.flatMap((row) => (row === undefined ? [] : [[row.key, row] as const])));
}

function needsHistory(person: Person): boolean {
  if (person.mergedInto !== undefined || person.absorbed.length > 0) return true;
  const states = (name: string): Run | undefined => person.traits.get(name);
  return person.statements.some((statement) => {
    const current = states(statement.name);
    return current === undefined || !isSame(current.value, statement.value) || !isNotAfter(current.at, current.source, statement);
  });
}

/** What a person that was joined to another had stated, first and last time of each value. */
function statementsOf(person: Person, histories: Histories): readonly NamedStatement[] {
  const past = Object.entries(histories.get(person.id)?.value.traits ?? {}).flatMap(([name, runs]) =>
    runs.map((run) => ({ name, ...toRun(run) })),
  );
  const current = [...person.traits].map(([name, run]) => ({ name, ...run }));
  return [...past, ...current].flatMap(({ name, value, since, at, source }) =>
    since === at
      ? [{ name, value, at, source }]
      : [
          { name, value, at: since, source },
          { name, value, at, source },
        ],
  );
}

function toRun({ value, at, since, source }: TraitHistoryRow['traits'][string][number]): Run {
  return { value, at, since: since ?? at, source };
}
