import type { Health } from './hub.ts';
import type { PluginHost } from './plugins/index.ts';
import type { Keyring } from './tenants/index.ts';
import { TENANT_TABLES } from './tenants/index.ts';

/** Whether the hub can do its work: it runs, its stores answer, no plugin is broken. */
export async function readHealth(options: {
  readonly host: PluginHost;
  readonly keyring: Keyring;
  readonly state: 'made' | 'running' | 'stopping';
}): Promise<Health> {
  const faults = options.host.catalogue.faults();
  const reasons: string[] = [];
  if (options.state === 'made') reasons.push('The hub has not started yet.');
  if (options.state === 'stopping') reasons.push('The hub is stopping.');
  if (!(await doesAnswer(options.keyring))) reasons.push('The store does not answer.');
  // A broken plugin is shown, and the rest of the hub works without it.
  return { isReady: reasons.length === 0, faults, reasons };
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
