import { duration, moment } from './instants.ts';

/** A step as the API gives it. */
export interface ShownStep {
  readonly path: string;
  readonly id?: string;
  readonly kind: string;
  readonly action?: string;
  readonly state: string;
  readonly attempts: number;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly until?: string;
  readonly output?: unknown;
  readonly error?: unknown;
}

/** A run as the API gives it. */
export interface ShownRun {
  readonly id: string;
  readonly pipeline: string;
  readonly version: number;
  readonly environment?: string;
  readonly state: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly personId?: string;
  readonly reason?: string;
  readonly error?: unknown;
  readonly output?: unknown;
  readonly parentId?: string;
  readonly broadcastId?: string;
  readonly replayOf?: string;
  readonly steps: readonly ShownStep[];
}

/** States in which a run stays as it is until a person does something. */
export const WAITS_FOR_A_PERSON: ReadonlySet<string> = new Set(['needs_review', 'needs_approval', 'blocked']);

const LONGEST_RESULT = 80;

/** `needs review` for `needs_review`. */
export function stateText(state: string): string {
  return state.replaceAll('_', ' ');
}

/** What became of a run, in a line. */
export function runText({ pipeline, version, environment = 'production', state, error, reason }: ShownRun): string {
  const place = environment === 'production' ? '' : ` in ${environment}`;
  const why = reason === undefined ? '' : `: ${reason}`;
  return `${pipeline} version ${version}${place}: ${stateText(state)}${why}${error === undefined ? '' : ` ${JSON.stringify(error)}`}`;
}

/** Where a run comes from, as far as it is no event. */
export function originText({ parentId, broadcastId, replayOf }: ShownRun): readonly string[] {
  return [
    ...(parentId === undefined ? [] : [`Called by run ${parentId}.`]),
    ...(broadcastId === undefined ? [] : [`Part of broadcast ${broadcastId}.`]),
    ...(replayOf === undefined ? [] : [`Does run ${replayOf} again.`]),
  ];
}

/** What somebody has to do so that a run goes on. */
export function remedyText({ id, state, steps }: ShownRun): string | undefined {
  if (state === 'needs_review')
    return `Nobody knows whether the marked step took place. Look at the service, then \`tendril runs resolve ${id} happened|retry|fail\`.`;
  if (state === 'blocked') return 'It goes on once its connection works again: `tendril connections list`.';
  const asked = steps.find((step) => step.state === 'needs_approval');
  return asked === undefined
    ? undefined
    : `It goes on once somebody decides: \`tendril approvals approve ${id}/${asked.path}\` or \`reject\`.`;
}

/** The steps of a run as rows of a table: those within others are indented below them. */
export function stepRows(steps: readonly ShownStep[]): readonly Readonly<Record<string, unknown>>[] {
  const paths = new Set(steps.map(({ path }) => path));
  return steps.map((step) => ({
    step: `${'  '.repeat(depthOf(step.path, paths))}${step.path}${step.id === undefined ? '' : ` ${step.id}`}`,
    does: step.action ?? step.kind,
    state: stateText(step.state),
    attempts: step.attempts,
    took: duration(step.startedAt, step.endedAt),
    result: resultOf(step),
  }));
}

function depthOf(path: string, paths: ReadonlySet<string>): number {
  const parts = path.split('.');
  return parts.filter((_, index) => index > 0 && paths.has(parts.slice(0, index).join('.'))).length;
}

function resultOf({ state, until, error, output }: ShownStep): string {
  if (state === 'sleeping' && until !== undefined) return `until ${moment(until)} UTC`;
  const text = JSON.stringify(error ?? output ?? null);
  if (text === 'null') return '';
  return text.length > LONGEST_RESULT ? `${text.slice(0, LONGEST_RESULT - 1)}…` : text;
}
