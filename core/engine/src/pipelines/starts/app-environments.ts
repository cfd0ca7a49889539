import type { LoggedEvent } from '@tendril/plugin-api';
import type { EnvironmentName } from '../../environments.ts';
import type { OpenTenant } from '../../tenants/contract.ts';
import { readApp } from '../../tenants/index.ts';
import type { RunRecord } from '../runs/records.ts';
import { RUNS } from '../tables.ts';

const HUB_APP = '_hub';
const KEPT_APPS = 10_000;

/** Finds out in which environment events have happened. An app never changes its own. */
export class AppEnvironments {
  readonly #known = new Map<string, EnvironmentName>();

  /** In the order of the events. */
  async of(tenant: OpenTenant, events: readonly LoggedEvent[]): Promise<readonly EnvironmentName[]> {
    const apps = new Set(events.filter(({ isTest, appId }) => isTest && appId !== HUB_APP).map(({ appId }) => appId));
    await Promise.all([...apps].map((appId) => this.#learn(tenant, appId)));
    const ofRuns = await environmentsOfRuns(tenant, events.filter(isOwnTest));
    return events.map((event) => {
      if (!event.isTest) return 'production';
      const found = isOwnTest(event) ? ofRuns.get(event.causedBy?.runId ?? '') : this.#known.get(`${tenant.tenant.id}/${event.appId}`);
      return found ?? 'development';
    });
  }

  async #learn(tenant: OpenTenant, appId: string): Promise<void> {
    const key = `${tenant.tenant.id}/${appId}`;
    if (this.#known.has(key)) return;
    const app = await readApp(tenant.state, appId);
    if (app === undefined) return;
    if (this.#known.size >= KEPT_APPS) this.#known.clear();
    this.#known.set(key, app.environment);
  }
}

/** Reported by the hub or a plugin, because of something that a test app began. */
function isOwnTest({ isTest, appId }: LoggedEvent): boolean {
  return isTest && appId === HUB_APP;
}

async function environmentsOfRuns({ state }: OpenTenant, events: readonly LoggedEvent[]): Promise<ReadonlyMap<string, EnvironmentName>> {
  const ids = [...new Set(events.flatMap(({ causedBy }) => (causedBy?.runId === undefined ? [] : [causedBy.runId])))];
  if (ids.length === 0) return new Map();
  const rows = await state.get(RUNS, ids);
  const found = rows.map((row) => (row?.value as unknown as RunRecord | undefined)?.environment);
  return new Map(ids.flatMap((id, index) => (found[index] === undefined ? [] : [[id, found[index]] as const])));
}
