import { Flags } from '@oclif/core';
import { readMoment } from './instants.ts';
import { ENVIRONMENTS } from './pipeline-address.ts';

/** The states of a run, as flags take them. */
const RUN_STATES = ['running', 'sleeping', 'succeeded', 'failed', 'stopped', 'cancelled', 'needs_review', 'needs_approval', 'blocked'];

/** The flags of commands that mean some runs among all. */
export const runFilterFlags = {
  pipeline: Flags.string({ description: 'only of this pipeline' }),
  version: Flags.integer({ description: 'only of this version', min: 0 }),
  state: Flags.string({ description: 'only in this state', options: RUN_STATES }),
  person: Flags.string({ description: 'only about this profile' }),
  environment: Flags.string({ char: 'e', description: 'only of this environment', options: ENVIRONMENTS }),
  from: Flags.string({ description: 'only started since: a date, or a duration before now such as 7d' }),
  to: Flags.string({ description: 'only started before: a date, or a duration before now' }),
  broadcast: Flags.string({ description: 'only of this broadcast' }),
  parent: Flags.string({ description: 'only called by this run' }),
};

interface RunFilterFlags {
  readonly pipeline?: string | undefined;
  readonly version?: number | undefined;
  readonly state?: string | undefined;
  readonly person?: string | undefined;
  readonly environment?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly broadcast?: string | undefined;
  readonly parent?: string | undefined;
}

/**
 * What the flags mean, as the API takes it.
 *
 * @param now epoch milliseconds
 * @throws CommandFault when `from` or `to` is no moment
 */
export function readRunFilter(flags: RunFilterFlags, now: number): Readonly<Record<string, string | number>> {
  const { pipeline, version, state, person, environment, from, to, broadcast, parent } = flags;
  const given = {
    pipeline,
    version,
    state,
    person,
    environment,
    from: from === undefined ? undefined : readMoment(from, '--from', now),
    to: to === undefined ? undefined : readMoment(to, '--to', now),
    broadcastId: broadcast,
    parentId: parent,
  };
  return Object.fromEntries(Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
