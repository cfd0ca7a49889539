import { moment } from './instants.ts';

/** Why an event has or has not started a run, as the API gives it. */
export interface ShownReason {
  readonly pipeline: string;
  readonly version: number;
  readonly environment: string;
  readonly eventId: string;
  readonly at: string;
  readonly isStarted: boolean;
  readonly runId?: string;
  readonly runState?: string;
  readonly reason: string;
  readonly conditions: readonly {
    readonly expression: string;
    readonly value: unknown;
    readonly problem?: string;
    readonly isMet: boolean;
  }[];
}

/** One event and what became of it, with each part of the condition. */
export function reasonLines(reason: ShownReason, about: 'event' | 'pipeline'): readonly string[] {
  const { pipeline, version, environment, eventId, at, isStarted, runId, runState } = reason;
  const head = about === 'event' ? `${moment(at)} UTC  ${eventId}` : `${pipeline} version ${version}, ${environment}`;
  const run = runId === undefined ? '' : ` Run ${runId}${runState === undefined ? '' : ` (${runState.replaceAll('_', ' ')})`}.`;
  return [`${isStarted ? '✓' : '✗'} ${head}`, `    ${reason.reason}${run}`, ...reason.conditions.map(conditionLine)];
}

function conditionLine({ expression, value, problem, isMet }: ShownReason['conditions'][number]): string {
  const came = problem ?? `it is ${JSON.stringify(value)}`;
  return `    ${isMet ? '✓' : '✗'} ${expression}${isMet ? '' : `  (${came})`}`;
}
