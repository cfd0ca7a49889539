import { TendrilError } from '@tendril/plugin-api';
import type { LoggedEvent } from '@tendril/plugin-api';
import type { EnvironmentName } from '../../environments.ts';
import { decodeEvent } from '../../events/index.ts';
import type { OpenTenant } from '../../tenants/contract.ts';
import type { Deployed } from '../deployments.ts';
import { AppEnvironments } from '../starts/app-environments.ts';
import { personOfEvent, readProfile } from './ask-parts.ts';
import type { AskParts } from './ask-parts.ts';
import type { StartReason } from './contract.ts';
import { startReason } from './start-reason.ts';

const PAGE = 1_000;
/** How many of the last events are looked through for an id: positions find older ones. */
const MOST_LOOKED_THROUGH = 50_000;

/** What became of one event at each pipeline of its name. @throws TendrilError NOT_FOUND */
export async function why(parts: AskParts, asked: string | number): Promise<readonly StartReason[]> {
  const tenant = await parts.tenants.open(parts.tenantId);
  const stored = await findEvent(tenant, asked);
  const profileId = await personOfEvent(parts, stored);
  const event: LoggedEvent = profileId === undefined ? stored : { ...stored, profileId };
  const [environment = 'production'] = await new AppEnvironments().of(tenant, [event]);
  const listening = (await parts.deployments.list(parts.tenantId)).filter(({ compiled }) => compiled.trigger.event === event.name);
  const meant = chosenIn(listening, environment);
  const readsProfile = meant.some(({ compiled }) => compiled.readsProfile);
  const profile = profileId === undefined || !readsProfile ? undefined : await readProfile(parts, profileId);
  return Promise.all(meant.map((deployed) => startReason(tenant, event, deployed, environment, profile)));
}

/** The version of each pipeline that events of an environment start. */
export function chosenIn(deployed: readonly Deployed[], environment: EnvironmentName): readonly Deployed[] {
  const byId = Map.groupBy(deployed, ({ record }) => record.id);
  return [...byId.values()].flatMap((versions) => {
    const own = versions.find(({ record }) => record.environment === environment);
    const found = own ?? versions.find(({ record }) => record.environment === 'production');
    return found === undefined ? [] : [found];
  });
}

async function findEvent({ log }: OpenTenant, asked: string | number): Promise<LoggedEvent> {
  const position = typeof asked === 'number' ? asked : /^\d{1,15}$/.test(asked) ? Number(asked) : undefined;
  const [stored] = position === undefined ? [] : await log.get([position]);
  if (stored !== undefined) return decodeEvent(stored);
  const found = typeof asked === 'string' ? await searchLatest(log, asked) : undefined;
  if (found === undefined)
    throw new TendrilError('NOT_FOUND', {
      what: 'event',
      event: asked,
      hint: `older ones than the last ${String(MOST_LOOKED_THROUGH)} are found by their position`,
    });
  return found;
}

async function searchLatest(log: OpenTenant['log'], id: string): Promise<LoggedEvent | undefined> {
  let before: number | undefined;
  for (let looked = 0; looked < MOST_LOOKED_THROUGH; looked += PAGE) {
    const page = await log.readLatest(PAGE, before);
    // The text is looked at first: opening each event would take long.
    const found = page.find(({ payload }) => payload.includes(id) && decodeEvent({ position: 0, payload }).id === id);
    if (found !== undefined) return decodeEvent(found);
    before = page.at(-1)?.position;
    if (before === undefined || page.length < PAGE) return undefined;
  }
  return undefined;
}
