import type { JsonObject, LoggedEvent } from '@tendril/plugin-api';
import type { EnvironmentName } from '../../environments.ts';
import type { OpenTenant } from '../../tenants/contract.ts';
import type { Deployed } from '../deployments.ts';
import { runIdOfEvent } from '../runs/records.ts';
import type { RunRecord } from '../runs/records.ts';
import { judge } from '../starts/judge.ts';
import { refusalKey } from '../starts/refusals.ts';
import type { Refusal } from '../starts/refusals.ts';
import { REFUSALS } from '../starts/tables.ts';
import { RUNS } from '../tables.ts';
import type { ConditionPart, StartReason } from './contract.ts';

const SENTENCES: Readonly<Record<string, string>> = {
  started: 'The event started a run.',
  paused: 'The pipeline is paused.',
  hops: 'The event is the end of a long chain of causes; a loop was cut.',
  imported: 'The event was imported, and the trigger takes no imported events.',
  max_age: 'The event was older than the trigger takes when it came in.',
  segment: 'The event is about another segment.',
  rate_limit: 'The rate limit of the pipeline was used up.',
  serial_overflow: 'As many runs of the same key were open as the pipeline allows.',
  key_failed: 'The key of a limit could not be evaluated.',
  debounced: 'The pipeline waits until such events stop coming: a later one took its place, or it still waits.',
  batched: 'The event is one of a batch.',
  undeployed: 'The pipeline was taken out of force before the run was due.',
  deployed_later: 'The pipeline was put in force after the event had come in.',
  not_yet: 'The event fits, but its run has not been started yet, or has been deleted since.',
};

/** What became of one event at one pipeline. @param profile as it is today */
export async function startReason(
  tenant: OpenTenant,
  event: LoggedEvent,
  deployed: Deployed,
  environment: EnvironmentName,
  profile: JsonObject | undefined,
): Promise<StartReason> {
  const { record } = deployed;
  const [[runRow], [refusalRow]] = await Promise.all([
    tenant.state.get(RUNS, [runIdOfEvent(record.id, event)]),
    tenant.state.get(REFUSALS, [refusalKey(record.id, event.id)]),
  ]);
  const refusal = refusalRow?.value as unknown as Refusal | undefined;
  const [batchRow] = runRow === undefined && refusal?.runId !== undefined ? await tenant.state.get(RUNS, [refusal.runId]) : [undefined];
  const run = (runRow ?? batchRow)?.value as unknown as RunRecord | undefined;
  const judgement = judge(event, deployed, profile, event.receivedAt);
  const code = codeOf(run, refusal, judgement, record.deployedAt > event.receivedAt);
  return {
    pipeline: record.id,
    version: run?.version ?? record.version,
    environment,
    eventId: event.id,
    position: event.position,
    at: event.occurredAt,
    isStarted: run !== undefined,
    ...(run === undefined ? {} : { runId: run.id, runState: run.state }),
    code,
    reason: code === 'where' ? unmet(judgement.conditions) : (SENTENCES[code] ?? code),
    conditions: judgement.conditions,
  };
}

function codeOf(
  run: RunRecord | undefined,
  refusal: Refusal | undefined,
  judgement: { readonly isStarted: boolean; readonly code: string },
  wasDeployedLater: boolean,
): string {
  if (refusal !== undefined) return refusal.code;
  if (run !== undefined) return 'started';
  if (!judgement.isStarted) return judgement.code;
  return wasDeployedLater ? 'deployed_later' : 'not_yet';
}

function unmet(conditions: readonly ConditionPart[]): string {
  const part = conditions.find(({ isMet }) => !isMet);
  if (part === undefined) return 'The condition was not met.';
  const problem = part.problem === undefined ? '' : ` (${part.problem})`;
  return `\`${part.expression}\` is not true${problem}.`;
}
