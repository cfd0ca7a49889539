import { Flags } from '@oclif/core';
import { readMoment } from './instants.ts';

/** How far an answer of an `analytics` action reaches. */
export interface Freshness {
  readonly position: number;
  readonly head: number;
  readonly behindEvents: number;
  readonly behindMs: number;
}

/** Flags of every question about a stretch of time. */
export const rangeFlags = {
  since: Flags.string({ description: 'from when on: a date, or a duration before now such as 30d' }),
  until: Flags.string({ description: 'and before then; now unless given' }),
  'include-test': Flags.boolean({ description: 'events of test apps too' }),
};

/** What they say, as the actions take it. */
export function rangeOf(
  flags: { readonly since?: string | undefined; readonly until?: string | undefined; readonly 'include-test'?: boolean },
  now: number,
): object {
  return {
    ...(flags.since === undefined ? {} : { from: readMoment(flags.since, '--since', now) }),
    ...(flags.until === undefined ? {} : { to: readMoment(flags.until, '--until', now) }),
    ...(flags['include-test'] === true ? { includesTest: true } : {}),
  };
}

/** That an answer does not know everything; nothing where it does. */
export function staleness({ behindEvents, behindMs }: Freshness): string | undefined {
  if (behindEvents === 0) return undefined;
  return `The columnar copy is ${behindEvents} events behind the log, ${Math.ceil(behindMs / 1_000)} s.`;
}

/** What to say beside an answer without anything in it: an application under development is a test app. */
export function testAppsHint(flags: { readonly 'include-test'?: boolean }): string {
  return flags['include-test'] === true ? '' : ' Events of test apps are left out: --include-test takes them too.';
}

/** `12.5 %`. */
export function percent(ratio: number): string {
  return `${Math.round(ratio * 1_000) / 10} %`;
}

/** `1 h 20 min`, of milliseconds. */
export function span(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return '';
  const minutes = Math.round(milliseconds / 60_000);
  if (minutes < 1) return `${Math.round(milliseconds / 1_000)} s`;
  if (minutes < 60) return `${minutes} min`;
  return minutes < 2_880 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.round(minutes / 1_440)} d`;
}
