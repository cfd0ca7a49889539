import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject, Logger } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import type { Change } from '../../ports.ts';
import type { OpenTenant } from '../../tenants/contract.ts';
import type { Deployed } from '../deployments.ts';
import { EvaluationFault } from '../../expressions/index.ts';
import type { RunRecord } from '../runs/records.ts';
import { startChanges } from '../runs/start-run.ts';
import { AdmissionBook } from '../starts/admission.ts';
import { scopeOf } from '../starts/gate-keys.ts';
import { readProfiles } from '../starts/profiles.ts';
import { newRun } from '../starts/new-run.ts';
import type { RunStart } from '../starts/new-run.ts';

/** What starting needs, whatever the trigger. */
export interface PrepareOptions {
  readonly actions: ActionPath;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What became of starts. */
export interface Prepared {
  /** With the limits' part in them: what is to be put on disk. */
  readonly runs: readonly RunRecord[];
  /** What the limits on starts have committed together with all of these runs. When it fails, all is prepared again. */
  readonly changes: readonly Change[];
  readonly refused: readonly Refused[];
}

/** A start that came to nothing. */
export interface Refused {
  readonly runId: string;
  /** `condition` when it was false or could not be evaluated; otherwise the limit: `rate_limit`, `serial_overflow`, `key_failed`, `serial_held`. */
  readonly reason: string;
  readonly details: JsonObject;
}

/** How starts are prepared. */
export interface PrepareRule {
  /** Somebody wants the run, whatever the condition of the trigger says. */
  readonly ignoresCondition?: boolean;
}

/** Makes runs of what a trigger that does not follow the log brought: profile, condition and limits. */
export type PrepareStarts = (tenant: OpenTenant, deployed: Deployed, starts: readonly RunStart[], rule?: PrepareRule) => Promise<Prepared>;

/** @returns how runs of triggers that do not follow the log are prepared */
export function createPrepareStarts({ actions, clock, log }: PrepareOptions): PrepareStarts {
  return async (tenant, deployed, starts, { ignoresCondition = false } = {}) => {
    // Waits look back from here.
    const position = deployed.compiled.awaitedEvents.size === 0 ? undefined : await tenant.log.head();
    const profiles = await profilesFor(actions, tenant, deployed, starts);
    const whole = starts.map((start): RunStart => {
      const profile = start.profile ?? profiles.get(profileKey(start));
      return { ...(position !== undefined && { position }), ...start, ...(profile !== undefined && { profile }) };
    });
    const refused: Refused[] = [];
    const candidates = whole.flatMap((start) => {
      if (!ignoresCondition && !isWanted(tenant, deployed, start, log)) {
        refused.push({ runId: start.id, reason: 'condition', details: {} });
        return [];
      }
      try {
        return [{ deployed, run: newRun(deployed, start) }];
      } catch (error) {
        refused.push(refusalOf(start.id, error));
        return [];
      }
    });
    const book = new AdmissionBook(tenant, clock.now());
    await book.admitAll(candidates);
    for (const { candidate, error } of book.failed()) refused.push(refusalOf(candidate.run.id, error));
    const byLimits = book.refused().map(({ run, code }): Refused => ({ runId: run.id, reason: code, details: {} }));
    return { runs: book.admitted(), changes: book.changes(), refused: [...refused, ...byLimits] };
  };
}

/** The changes that start what was prepared, for any worker to take up. */
export function startsOf({ runs, changes }: Prepared, dueAt: number): readonly Change[] {
  return [...changes, ...runs.flatMap((run) => startChanges(run, dueAt))];
}

async function profilesFor(
  actions: ActionPath,
  tenant: OpenTenant,
  { compiled }: Deployed,
  starts: readonly RunStart[],
): Promise<ReadonlyMap<string, JsonObject>> {
  const missing = compiled.readsProfile ? starts.filter(({ profile }) => profile === undefined) : [];
  const found = new Map<string, JsonObject>();
  for (const isTest of [false, true]) {
    const people = new Set(missing.flatMap((start) => (start.isTest === isTest && start.personId !== undefined ? [start.personId] : [])));
    if (people.size === 0) continue;
    for (const [personId, profile] of await readProfiles(actions, tenant.tenant.id, [...people], isTest))
      found.set(profileKey({ isTest, personId }), profile);
  }
  return found;
}

function profileKey({ isTest, personId = '' }: Pick<RunStart, 'isTest' | 'personId'>): string {
  return `${String(isTest)}/${personId}`;
}

function refusalOf(runId: string, error: unknown): Refused {
  if (!TendrilError.is(error) || error.code !== 'RUN_NOT_STARTED') throw error;
  return { runId, reason: String(error.details['code']), details: error.details as JsonObject };
}

function isWanted({ tenant }: OpenTenant, { compiled, record, settings }: Deployed, start: RunStart, log: Logger): boolean {
  const { where } = compiled.trigger;
  if (where === undefined) return true;
  try {
    // One that is neither true nor false is not true.
    return where.evaluate(scopeOf({ ...start, settings })) === true;
  } catch (error) {
    if (!(error instanceof EvaluationFault)) throw error;
    const { expression, fault } = error;
    log.warn(
      { tenantId: tenant.id, pipeline: record.id, version: record.version, expression, position: fault.start + 1, problem: fault.message },
      'condition of a trigger failed; no run was started',
    );
    return false;
  }
}
