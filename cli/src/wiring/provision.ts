import { join } from 'node:path';
import { TendrilError } from '@tendril/plugin-api';
import type { Hub } from '@tendril/engine';
import { readJson, writePrivately } from '../home.ts';
import type { Home, LocalKeys } from '../home.ts';
import { FIRST_PARTY } from './plugin-sources.ts';

/**
 * Makes the tenant, its app and keys on the first start, and enables the plugins of this repository. Outside production
 * the keys are kept in a private file, for commands on this machine; in production they are returned once.
 *
 * @returns `undefined` in production when the tenant was there already
 */
export async function provision(
  hub: Hub,
  options: {
    readonly home: Home;
    readonly tenant: string;
    readonly isTest: boolean;
    readonly isProduction: boolean;
    readonly developed: readonly string[];
  },
): Promise<{ readonly writeKey: string; readonly secretKey: string } | undefined> {
  const { home, tenant, isTest, isProduction, developed } = options;
  const isNew = (await hub.admin.get(tenant)) === undefined;
  if (isNew)
    await hub.admin.create({
      id: tenant,
      name: tenant === 'demo' ? 'Demo' : 'Main',
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    });
  const opened = await hub.tenant(tenant);
  const enabled = new Map((await opened.plugins.list()).map((plugin) => [plugin.id, plugin]));
  const wanted = [...(isNew ? FIRST_PARTY : []), ...developed];
  for (const id of wanted) {
    const plugin = enabled.get(id);
    if (plugin?.state !== 'loaded' || (plugin.isEnabled && !plugin.consent.isNeeded)) continue;
    // Whoever names the folder of a plugin that is being written consents to what it asks for.
    await opened.plugins.enable(id, { consent: plugin.permissionsHash });
  }
  const keysFile = join(home.folder, `keys-${tenant}.json`);
  const known = readJson<LocalKeys>(keysFile);
  if (isProduction && known !== undefined && (await works(hub, known)))
    throw new TendrilError('CONFIG_INVALID', {
      setting: keysFile,
      expected: 'no keys in the clear: make new ones, revoke those in this file and remove it',
    });
  if (isProduction && !isNew) return undefined;
  if (known !== undefined && (await works(hub, known))) {
    writePrivately(home.localFile, JSON.stringify(known));
    return known;
  }
  const [firstApp] = await opened.apps.list();
  const app = firstApp ?? (await opened.apps.create({ name: 'First app', isTest, origins: isProduction ? [] : ['*'] }));
  const write = await opened.keys.create({ kind: 'write', appId: app.id });
  const secret = await opened.keys.create({ kind: 'secret', scopes: ['admin'] });
  const keys: LocalKeys = { tenant, writeKey: write.secret, secretKey: secret.secret };
  if (!isProduction) {
    writePrivately(keysFile, JSON.stringify(keys));
    writePrivately(home.localFile, JSON.stringify(keys));
  }
  return keys;
}

/** A file may be from before a restore, or its keys revoked. */
async function works(hub: Hub, keys: LocalKeys): Promise<boolean> {
  try {
    await hub.keys.authenticate(keys.writeKey);
    await hub.keys.authenticate(keys.secretKey);
    return true;
  } catch {
    return false;
  }
}
