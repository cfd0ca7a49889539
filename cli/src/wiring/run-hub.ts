import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHub } from '@tendril/engine';
import type { Hub, HubRole } from '@tendril/engine';
import type { WakeUps } from '@tendril/engine/ports';
import type { Logger } from '@tendril/plugin-api';
import { TendrilError } from '@tendril/plugin-api';
import { createServer } from '@tendril/server';
import { createRedisWakeUps, openStores } from '@tendril/stores';
import { createMemoryStores } from '@tendril/testkit/stores';
import { CommandFault, EXIT } from '../failure.ts';
import { findHome, keepPrivate, prepareFolder, readMasterKey, rememberHome } from '../home.ts';
import type { Home } from '../home.ts';
import { onInterrupt } from '../interrupt.ts';
import { pluginHomeOf } from '../operator/plugin-home.ts';
import { prepareDemo, startDemo } from './demo.ts';
import { readHubSettings } from './environment.ts';
import type { Environment, HubSettings } from './environment.ts';
import { readFaults } from './faults.ts';
import { lockHome } from './hub-lock.ts';
import type { HubLock } from './hub-lock.ts';
import { createLogger } from './logger.ts';
import { boundMemory, settleMemory } from './memory.ts';
import { openIsolation } from './isolation.ts';
import { createPluginFinder } from './plugin-finder.ts';
import { watchRevocations } from './revocations.ts';
import { provision } from './provision.ts';
import { workRoles } from './roles.ts';
import { runSandboxes } from './sandbox-process.ts';
import { createSandboxView } from './sandboxes.ts';

type Closer = () => Promise<void> | void;

/** How `tendril start` was called. */
export interface RunHubOptions {
  readonly isDemo: boolean;
  readonly isProduction: boolean;
  /** What `--role` said, as it stands. */
  readonly roles: readonly string[];
  /** Makes the plugins of this process those of the installation. */
  readonly acceptsLock: boolean;
  readonly logLevel: string;
  readonly leadsPerSecond: number;
  readonly demoRecords?: number;
  readonly environment: Environment;
  readonly report: (line: string) => void;
}

/** A hub that runs. */
export interface HubProcess {
  readonly roles: readonly HubRole[];
  /** Where it listens; missing where it only works and nobody asked for its health. */
  readonly url?: string;
  /** Missing in production after the first start: keys are shown once. */
  readonly writeKey?: string;
  readonly secretKey?: string;
  readonly tenant: string;
  readonly dataDir: string;
  /** Of a process that serves the dashboard. */
  readonly loginUrl?: string;
  readonly isDemo: boolean;
  /** Resolves when it was asked to stop and has stopped. */
  readonly stopped: Promise<void>;
}

/**
 * Wires stores, engine, plugins and server, and runs them until a signal.
 *
 * @throws TendrilError CONFIG_INVALID when the environment does not fit
 * @throws CommandFault when a hub runs on the data already, the port is taken, or another master key sealed the data
 */
export async function runHub(options: RunHubOptions): Promise<HubProcess> {
  // What has been opened, to be closed in the reverse order: at the end, and when the start fails half-way.
  const closers: Closer[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  // From the beginning: who is asked while it starts ends in good order once it has started, and leaves no sandboxes.
  const asked = new Promise<void>((resolve) => onInterrupt(resolve));
  try {
    return await open(options, closers, async (drain) => {
      await asked;
      options.report('Stopping …');
      await drain();
      await closeAll();
    });
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** @param untilStopped waits until the hub is asked to stop, drains and closes everything */
async function open(
  options: RunHubOptions,
  closers: Closer[],
  untilStopped: (drain: () => Promise<void>) => Promise<void>,
): Promise<HubProcess> {
  boundMemory();
  const { environment, isProduction, isDemo } = options;
  const settings = readHubSettings(environment, isProduction, options.roles);
  const { graceMs, roles } = settings;
  const isApi = roles.includes('api');
  if (isDemo && !isApi) throw new TendrilError('CONFIG_INVALID', { setting: '--demo', expected: 'a process with the role api' });
  const dashboard = isApi ? dashboardFolder() : undefined;
  const home = findHome(environment);
  prepareFolder(home.folder);
  keepPrivate(home.folder);
  // Those that only work own nothing in the folder: any number of them may share it.
  const lock = isApi ? await lockHome(home) : undefined;
  if (lock !== undefined) closers.push(() => lock.release());
  const masterKey = readMasterKey(home, environment, isProduction);
  const log = createLogger(options.logLevel);
  // They start while the stores are opened.
  const startingSandboxes = isProduction ? undefined : runSandboxes(home.sandboxFolder, log);
  startingSandboxes?.catch(() => undefined);
  closers.push(async () => {
    const started = await startingSandboxes?.catch(() => undefined);
    if (started !== undefined) (isApi ? started.stop : started.leave)();
  });
  const faults = isProduction ? {} : readFaults(environment['TENDRIL_FAULT_POINT']);
  const stores = await openStores({ folder: home.folder, databaseUrl: settings.databaseUrl, ...faults.stores });
  closers.push(async () => {
    await stores.log.close();
    await stores.state.close();
  });
  const wakeUps = openWakeUps(settings, masterKey, log);
  if (wakeUps !== undefined) closers.push(() => wakeUps.close());
  const sandboxes = await startingSandboxes;
  const services = sandboxes?.file.services;
  const findAll = createPluginFinder(home, settings);
  const plugins = await findAll();
  const developed = new Set(
    plugins.filter(({ location }) => settings.pluginFolders.includes(location?.folder ?? '')).map(({ folder }) => folder),
  );
  let publicUrl = settings.publicUrl;
  const hub = await createHub({
    stores,
    masterKey,
    log,
    plugins,
    findPlugins: findAll,
    // Closed by the hub.
    isolation: openIsolation(settings, developed, log),
    publicUrl: () => publicUrl ?? '',
    openFolder: async (tenantId, plugin) => {
      const folder = join(home.folder, 'files', tenantId, plugin);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return folder;
    },
    createScratchStores: ({ clock }) => createMemoryStores({ clock }),
    ...faults.hub,
    ...(wakeUps === undefined ? {} : { wakeUps }),
    // Where one process owns the data nobody else could differ.
    acceptsLock: options.acceptsLock || settings.databaseUrl === undefined,
    allowedEgress: [...(services === undefined ? [] : sandboxHosts(services)), ...settings.allowedEgress],
  });
  closers.push(() => hub.stop({ graceMs }));
  const tenant = isDemo ? 'demo' : 'main';
  if (isProduction) await refuseDemoData(hub);
  const keys = isApi
    ? await provision(hub, { home, tenant, isTest: !isProduction, isProduction, developed: [...developed] }).catch(explainKey)
    : undefined;
  const server = createServer({
    hub,
    log,
    clock: { now: () => Date.now() },
    defaultTenantId: tenant,
    ...(dashboard === undefined ? {} : { dashboardFolder: dashboard }),
    ...(sandboxes === undefined ? {} : { sandbox: createSandboxView(sandboxes.file) }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    proxyHops: settings.proxyHops,
    sessionSecret: createHmac('sha256', masterKey).update('tendril session').digest('hex'),
    isProduction,
    answersOnlyHealth: !isApi,
  });
  await hub.start({ roles }).catch(explainKey);
  closers.push(watchRevocations(pluginHomeOf(home), log, () => hub.plugins.reload()));
  if (services !== undefined && isApi) await prepareDemo(await hub.tenant(tenant), services, isDemo);
  const port = isApi ? settings.port : settings.healthPort;
  const listening = port === undefined ? undefined : await server.listen(port, settings.host).catch(explainPort);
  if (listening !== undefined) closers.push(() => listening.close());
  const stopped = untilStopped(async () => {
    server.drain();
    // While it drains it says so where it is asked for its health, and requests that are open are answered.
    await hub.stop({ graceMs });
  });
  const running = { roles, tenant, dataDir: home.folder, isDemo, stopped };
  if (!isApi) {
    settleMemory();
    return { ...running, ...(listening === undefined ? {} : { url: listening.url }) };
  }
  const url = listening?.url ?? '';
  publicUrl ??= url;
  announce(lock, url, options, home);
  settleMemory();
  if (isDemo && keys !== undefined) {
    const { leadsPerSecond, demoRecords } = options;
    const demo = startDemo(
      {
        url,
        ...keys,
        stateFile: join(home.folder, 'demo.json'),
        leadsPerSecond,
        ...(demoRecords === undefined ? {} : { limit: demoRecords }),
      },
      options.report,
    );
    closers.push(() => demo.stop());
  }
  // Behind TLS the session's cookie travels by the public address only.
  const loginUrl = `${publicUrl}/open?token=${encodeURIComponent(server.createLoginToken())}`;
  return { ...running, url, ...keys, loginUrl };
}

function announce(lock: HubLock | undefined, url: string, { environment, isProduction }: RunHubOptions, home: Home): void {
  lock?.announce(url);
  if (!isProduction) rememberHome(home, environment);
}

/** Needed where several processes share the data; one that is alone knows what it commits. */
function openWakeUps({ databaseUrl, redisPrefix, redisUrl, roles }: HubSettings, masterKey: Uint8Array, log: Logger): WakeUps | undefined {
  if (redisUrl === undefined || databaseUrl === undefined) return undefined;
  const prefix = redisPrefix ?? installationPrefix(masterKey, databaseUrl);
  return createRedisWakeUps({ url: redisUrl, log, roles: workRoles(roles), prefix });
}

/** The same for all processes of an installation and for no other one: wake-ups of others are not ours to take. */
export function installationPrefix(masterKey: Uint8Array, databaseUrl: string): string {
  const database = URL.canParse(databaseUrl) ? new URL(databaseUrl).pathname : '';
  return `tendril-${createHmac('sha256', masterKey).update(`redis ${database}`).digest('hex').slice(0, 16)}`;
}

/** Says what to do when the address cannot be listened on. */
function explainPort(error: unknown): never {
  if (!TendrilError.is(error) || error.details['setting'] !== 'PORT') throw error;
  const { port, host, reason } = error.details as { port?: number; host?: string; reason?: string };
  const remedies: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${host} is taken. Set PORT to another one, or to 0 for any that is free.`,
    EACCES: `This user may not listen on port ${port}. Set PORT to one above 1023.`,
    EADDRNOTAVAIL: `${host} is no address of this machine. Set TENDRIL_HOST to one that is.`,
  };
  const remedy = remedies[reason ?? ''];
  if (remedy === undefined) throw error;
  throw new CommandFault(remedy, EXIT.refused, error.code);
}

/** The first thing that a start opens are the keys of tenants: that fails when another master key sealed them. */
function explainKey(error: unknown): never {
  if (!TendrilError.is(error) || error.code !== 'VAULT_TAMPERED') throw error;
  throw new CommandFault(
    'The master key at hand is not the one that sealed this data. Put that one back: TENDRIL_MASTER_KEY, TENDRIL_MASTER_KEY_FILE, or master.key in the data folder.',
    EXIT.refused,
    error.code,
  );
}

async function refuseDemoData(hub: Hub): Promise<void> {
  const tenants = await hub.admin.list();
  if (tenants.some(({ id }) => id === 'demo'))
    throw new TendrilError('CONFIG_INVALID', {
      setting: 'TENDRIL_HOME',
      expected: 'data without the demo tenant, whose keys lie in a file beside it',
    });
}

/** Where the built dashboard lies: beside the sources or in its package. */
function dashboardFolder(): string {
  const folder = join(dirname(fileURLToPath(import.meta.resolve('@tendril/dashboard/package.json'))), 'dist');
  if (!existsSync(join(folder, 'index.html')))
    throw new TendrilError('CONFIG_INVALID', { setting: 'dashboard', expected: 'a built dashboard: `npm run build`' });
  return folder;
}

function sandboxHosts(services: {
  readonly salesforce: { readonly url: string };
  readonly hubspot: { readonly url: string };
  readonly segment: { readonly url: string };
  readonly smtp: { readonly host: string; readonly port: number; readonly apiUrl: string };
}): readonly string[] {
  const { salesforce, hubspot, segment, smtp } = services;
  return [...[salesforce.url, hubspot.url, segment.url, smtp.apiUrl].map((url) => new URL(url).host), `${smtp.host}:${smtp.port}`];
}
