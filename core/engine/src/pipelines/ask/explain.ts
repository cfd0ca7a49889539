import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject, LoggedEvent } from '@tendril/plugin-api';
import type { EnvironmentName } from '../../environments.ts';
import { decodeEvent } from '../../events/index.ts';
import type { RunInfo } from '../contract.ts';
import { simulatedEvent } from './simulation-world.ts';
import { personOfEvent, readProfile } from './ask-parts.ts';
import type { AskParts } from './ask-parts.ts';
import type { Explanation, StartReason } from './contract.ts';
import { startReason } from './start-reason.ts';

const DEFAULT_STARTS = 10;
const PAGE = 500;
/** How many of a person's events are looked through for those of the trigger's name. */
const MOST_LOOKED_THROUGH = 10_000;
const RUNS_LOOKED_AT = 20;

interface Options {
  readonly environment?: EnvironmentName;
  readonly limit?: number;
}

/** Why a pipeline did or did not do something for a person. @throws TendrilError PIPELINE_UNKNOWN, NOT_FOUND */
export async function explain(parts: AskParts, person: string, pipeline: string, options: Options): Promise<Explanation> {
  const { environment = 'production', limit = DEFAULT_STARTS } = options;
  const deployed = await parts.deployments.find(parts.tenantId, pipeline, environment);
  if (deployed === undefined) throw new TendrilError('PIPELINE_UNKNOWN', { pipeline, environment });
  const tenant = await parts.tenants.open(parts.tenantId);
  const personId = await idOf(parts, person);
  const profile = await readProfile(parts, personId);
  if (profile === undefined) throw new TendrilError('NOT_FOUND', { what: 'person', person });
  const { event: name } = deployed.compiled.trigger;
  const events = name === undefined ? [] : await eventsOf(parts, profile, name, limit);
  const starts = await Promise.all(
    events.map((event) => startReason(tenant, { ...event, profileId: personId }, deployed, environment, profile)),
  );
  const { items: runs } = await parts.runs.list({ person: personId, pipeline, limit: RUNS_LOOKED_AT });
  const heldBack = await heldBackIn(parts, runs);
  return { pipeline, personId, summary: summarise({ name, starts, runs, heldBack }), starts, heldBack };
}

/** @param person a profile's id, or an identity such as `userId:7` */
async function idOf(parts: AskParts, person: string): Promise<string> {
  const [, kind, value] = /^(userId|anonymousId):(.+)$/s.exec(person) ?? [];
  if (kind === undefined || value === undefined) return person;
  const event = { ...simulatedEvent({ id: 'ask', name: 'ask', occurredAt: 0, identities: { [kind]: value } }), position: 0 };
  const id = await personOfEvent(parts, event);
  if (id === undefined) throw new TendrilError('NOT_FOUND', { what: 'person', person });
  return id;
}

/** The person's last events of a name, newest first. */
async function eventsOf(parts: AskParts, profile: JsonObject, name: string, limit: number): Promise<readonly LoggedEvent[]> {
  const identities = Array.isArray(profile['identities']) ? (profile['identities'] as readonly unknown[]) : [];
  const people = identities.filter(
    (identity): identity is string => typeof identity === 'string' && /^(userId|anonymousId):/.test(identity),
  );
  if (people.length === 0) return [];
  const { log } = await parts.tenants.open(parts.tenantId);
  const found: LoggedEvent[] = [];
  let before: number | undefined;
  for (let looked = 0; looked < MOST_LOOKED_THROUGH && found.length < limit; looked += PAGE) {
    const page = await log.readPerson(people, PAGE, before);
    found.push(...page.map(decodeEvent).filter((event) => event.name === name));
    before = page.at(-1)?.position;
    if (page.length < PAGE) break;
  }
  return found.slice(0, limit);
}

async function heldBackIn(parts: AskParts, runs: readonly RunInfo[]): Promise<Explanation['heldBack']> {
  const each = await Promise.all(runs.map(({ id }) => parts.runs.get(id)));
  return each.flatMap((run) =>
    (run?.steps ?? []).flatMap(({ path, action = '', error, endedAt, startedAt }) => {
      if (error?.['code'] !== 'ACTION_HELD_BACK') return [];
      const reason = (error['details'] as JsonObject | undefined)?.['reason'];
      return [{ runId: run?.id ?? '', path, action, reason: typeof reason === 'string' ? reason : 'unknown', at: endedAt ?? startedAt }];
    }),
  );
}

function summarise({
  name,
  starts,
  runs,
  heldBack,
}: {
  readonly name: string | undefined;
  readonly starts: readonly StartReason[];
  readonly runs: readonly RunInfo[];
  readonly heldBack: Explanation['heldBack'];
}): string {
  const [held] = heldBack;
  const [run] = runs;
  const [start] = starts;
  if (held !== undefined && held.runId === run?.id) return `Its last run reached \`${held.action}\`, which was held back: ${held.reason}.`;
  if (run !== undefined && (start === undefined || start.isStarted)) return `Its last run is \`${run.state}\`${because(run)}.`;
  if (start !== undefined) return `The last \`${name ?? ''}\` of this person started nothing: ${start.reason}`;
  return name === undefined ? 'It has had no run for this person.' : `This person has sent no \`${name}\` so far.`;
}

function because({ error, reason }: RunInfo): string {
  if (typeof error?.['code'] === 'string') return ` (${error['code']})`;
  return reason === undefined ? '' : ` (${reason})`;
}
