import type { Json, JsonObject } from '@tendril/plugin-api';
import type { Run } from '../contract.ts';
import { parseDuration } from '../duration.ts';
import type { TestCase } from './case-file.ts';
import { lacks } from './contains.ts';
import type { Played } from './play-case.ts';
import type { RecordedCall } from './simulated-actions.ts';

/** One thing that is not as the case wants it. */
export interface CaseProblem {
  /** JSON pointer into the case: what was wanted. */
  readonly pointer: string;
  readonly message: string;
  readonly expected: Json;
  readonly actual: Json;
}

type Expectation = TestCase['expect'];
type WantedCall = NonNullable<Expectation['calls']>[number];

/** What is not as the case wants it; empty when all is. */
export function judgeCase({ expect }: TestCase, played: Played): readonly CaseProblem[] {
  const [run] = played.runs;
  const problems = [
    ...judgeCount(expect, played),
    ...judgeCalls(expect, played),
    ...judgeNever(expect, played),
    ...judgeEmits(expect, played),
  ];
  return run === undefined ? problems : [...problems, ...judgeRun(expect, run)];
}

function judgeCount(expect: Expectation, { runs }: Played): readonly CaseProblem[] {
  const wanted = expect.runs ?? 1;
  if (runs.length === wanted) return [];
  const said = runs.length === 0 ? 'No run was started.' : `${String(runs.length)} runs were started.`;
  return [{ pointer: '/expect/runs', message: said, expected: wanted, actual: runs.length }];
}

function judgeRun(expect: Expectation, run: Run): readonly CaseProblem[] {
  const problems: CaseProblem[] = [];
  const tell = (member: string, message: string, expected: Json, actual: Json): void => {
    problems.push({ pointer: `/expect/${member}`, message, expected, actual });
  };
  if (expect.state !== undefined && run.state !== expect.state)
    tell('state', `The run is \`${run.state}\`${because(run)}.`, expect.state, run.state);
  const code = run.error?.['code'] ?? null;
  if (expect.error !== undefined && code !== expect.error) tell('error', 'The run failed otherwise, or not at all.', expect.error, code);
  if (expect.reason !== undefined && run.reason !== expect.reason)
    tell('reason', 'The reason is another one.', expect.reason, run.reason ?? null);
  for (const { pointer, expected, actual } of lacks(run.output, (expect.output ?? null) as Json))
    if (expect.output !== undefined) tell(`output${pointer}`, 'The output is another one.', expected, actual ?? null);
  for (const [name, state] of Object.entries(expect.steps ?? {})) {
    const step = run.steps.find(({ id, path }) => id === name || path === name);
    const actual = step?.state ?? 'absent';
    if (actual !== state) tell(`steps/${name}`, `The step \`${name}\` is \`${actual}\`.`, state, actual);
  }
  const lastedMs = (run.endedAt ?? Number.NaN) - run.startedAt;
  if (expect.lasts !== undefined && !isSameSecond(lastedMs, parseDuration(expect.lasts) ?? 0))
    tell('lasts', run.endedAt === undefined ? 'The run has not ended.' : 'The run took another time.', expect.lasts, inWords(lastedMs));
  return problems;
}

function because(run: Run): string {
  const code = run.error?.['code'];
  return typeof code === 'string' ? ` (${code})` : '';
}

function judgeCalls({ calls: wanted }: Expectation, played: Played): readonly CaseProblem[] {
  if (wanted === undefined) return [];
  const listed = new Set(wanted.map(({ action }) => action));
  const made = played.calls.filter(({ effect, action }) => effect !== 'read' || listed.has(action));
  const problems = wanted.flatMap((call, index) => judgeCall(call, made[index], `/expect/calls/${String(index)}`, played));
  const more = made.slice(wanted.length).map((call, index): CaseProblem => ({
    pointer: `/expect/calls/${String(wanted.length + index)}`,
    message: `\`${call.action}\` was called too.`,
    expected: null,
    actual: shown(call),
  }));
  return [...problems, ...more];
}

function judgeCall(wanted: WantedCall, made: RecordedCall | undefined, pointer: string, played: Played): readonly CaseProblem[] {
  if (made === undefined)
    return [{ pointer, message: `\`${wanted.action}\` was not called.`, expected: wanted as unknown as Json, actual: null }];
  if (made.action !== wanted.action)
    return [{ pointer, message: `\`${made.action}\` was called instead.`, expected: wanted.action, actual: shown(made) }];
  const problems = lacks(made.input, (wanted.with ?? {}) as JsonObject).map((lack): CaseProblem => ({
    pointer: `${pointer}/with${lack.pointer}`,
    message: `\`${made.action}\` was called with something else.`,
    expected: lack.expected,
    actual: lack.actual ?? null,
  }));
  const tell = (member: string, message: string, expected: Json, actual: Json): void => {
    problems.push({ pointer: `${pointer}/${member}`, message, expected, actual });
  };
  const stepId = played.runs.find(({ id }) => id === made.runId)?.steps.find(({ path }) => path === made.path)?.id ?? made.path;
  if (wanted.step !== undefined && wanted.step !== stepId && wanted.step !== made.path)
    tell('step', 'Another step called it.', wanted.step, stepId);
  if (wanted.connection !== undefined && wanted.connection !== made.connection)
    tell('connection', 'It was called by another connection.', wanted.connection, made.connection ?? null);
  const afterMs = made.at - played.startedAt;
  if (wanted.after !== undefined && !isSameSecond(afterMs, parseDuration(wanted.after) ?? 0))
    tell('after', 'It was called at another time.', wanted.after, inWords(afterMs));
  if (wanted.at !== undefined && !isSameSecond(made.at, Date.parse(wanted.at)))
    tell('at', 'It was called at another time.', wanted.at, new Date(made.at).toISOString());
  return problems;
}

function judgeNever({ never = [] }: Expectation, { calls }: Played): readonly CaseProblem[] {
  return never.flatMap((action, index) => {
    const made = calls.find((call) => call.action === action);
    return made === undefined
      ? []
      : [{ pointer: `/expect/never/${String(index)}`, message: `\`${action}\` was called.`, expected: null, actual: shown(made) }];
  });
}

function judgeEmits({ emits }: Expectation, { emitted }: Played): readonly CaseProblem[] {
  if (emits === undefined) return [];
  const expected = emits.map(({ event, properties = {} }): JsonObject => ({ event, properties: properties as JsonObject }));
  return lacks(
    emitted.map(({ event, properties }): JsonObject => ({ event, properties })),
    expected,
  ).map((lack) => ({
    pointer: `/expect/emits${lack.pointer}`,
    message: 'Other events were emitted.',
    expected: lack.expected,
    actual: lack.actual ?? null,
  }));
}

function shown({ action, input, heldBack }: RecordedCall): JsonObject {
  return { action, input, ...(heldBack === undefined ? {} : { heldBack }) };
}

function isSameSecond(a: number, b: number): boolean {
  return Math.abs(a - b) < 1_000;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** As durations are written: `3d`, `1h30m`. */
function inWords(durationMs: number): string | null {
  if (!Number.isFinite(durationMs)) return null;
  let rest = durationMs;
  const parts = UNITS.flatMap(([unit, unitMs]) => {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    return count > 0 ? [`${String(count)}${unit}`] : [];
  });
  return parts.length > 0 ? parts.join('') : `${String(Math.round(durationMs))}ms`;
}
