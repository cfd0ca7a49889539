import type { Health, HubRole } from './hub.ts';
import type { LockKeeper, PluginHost } from './plugins/index.ts';
import type { Keyring } from './tenants/index.ts';
import { TENANT_TABLES } from './tenants/index.ts';

/** Whether the hub can do its work: it runs, its stores answer, no plugin is broken. */
export async function readHealth(options: {
  readonly host: PluginHost;
  readonly keyring: Keyring;
  readonly state: 'made' | 'running' | 'stopping';
  readonly locks: LockKeeper;
  readonly roles: readonly HubRole[];
}): Promise<Health> {
  const faults = options.host.catalogue.faults();
  const reasons: string[] = [];
  if (options.state === 'made') reasons.push('The hub has not started yet.');
  if (options.state === 'stopping') reasons.push('The hub is stopping.');
  if (!(await doesAnswer(options.keyring))) reasons.push('The store does not answer.');
  const isCurrent = options.state !== 'running' || (await options.locks.isCurrent());
  // One that answers HTTP goes on doing so: events are taken whatever its plugins are.
  if (!isCurrent && !options.roles.includes('api')) reasons.push('Its plugins are not those of the installation: it takes no work.');
  // A broken plugin is shown, and the rest of the hub works without it.
  const lock = { hash: options.locks.currentLock(), isCurrent, differences: options.locks.differences() };
  return { isReady: reasons.length === 0, faults, reasons, alerts: options.host.alerts(), lock };
}

async function doesAnswer(keyring: Keyring): Promise<boolean> {
  const [tenants] = TENANT_TABLES;
  if (tenants === undefined) return false;
  try {
    await keyring.hub.get(tenants, ['_']);
    return true;
  } catch {
    return false;
  }
}
