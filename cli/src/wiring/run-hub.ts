import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';
import { createHmac } from 'node:crypto';
import { join, dirname } from 'node:path';
import { createHub } from '@tendril/engine';
import type { Hub } from '@tendril/engine';
import { TendrilError } from '@tendril/plugin-api';
import { createServer } from '@tendril/server';
import { openStores } from '@tendril/stores';
import { ensureSandboxes } from '@tendril/testkit/sandboxes';
import { findHome, isAlive, readJson, readMasterKey, writePrivately } from '../home.ts';
import type { Home, RunningHub } from '../home.ts';
import { prepareDemo, startDemo } from './demo.ts';
import { readFaults } from './faults.ts';
import { createLogger } from './logger.ts';
import { FIRST_PARTY, findPlugins } from './plugin-sources.ts';
import { provision } from './provision.ts';
import { createSandboxView, stopSandboxes } from './sandboxes.ts';

const DEFAULT_PORT = 4000;
const GRACE_MS = 10_000;

/** How `tendril start` was called. */
export interface RunHubOptions {
  readonly isDemo: boolean;
  readonly isProduction: boolean;
  readonly logLevel: string;
  readonly leadsPerSecond: number;
  readonly demoRecords?: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly report: (line: string) => void;
}

/** A hub that listens. */
export interface HubProcess {
  readonly url: string;
  /** Missing in production after the first start: keys are shown once. */
  readonly writeKey?: string;
  readonly secretKey?: string;
  readonly tenant: string;
  readonly dataDir: string;
  readonly loginUrl: string;
  readonly isDemo: boolean;
  /** Resolves when it was asked to stop and has stopped. */
  readonly stopped: Promise<void>;
}

/**
 * Wires stores, engine, plugins and server, and runs them until a signal.
 *
 * @throws TendrilError CONFIG_INVALID when the environment does not fit, ALREADY_EXISTS when a hub runs on the data already
 */
export async function runHub(options: RunHubOptions): Promise<HubProcess> {
  // What has been opened, to be closed in the reverse order: at the end, and when the start fails half-way.
  const closers: (() => Promise<void> | void)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    return await open(options, closers, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function open(options: RunHubOptions, closers: (() => Promise<void> | void)[], closeAll: () => Promise<void>): Promise<HubProcess> {
  const { environment, isProduction, isDemo } = options;
  const home = findHome(environment);
  await refuseSecondHub(home);
  const masterKey = readMasterKey(home, environment, isProduction);
  const log = createLogger(options.logLevel);
  const sandboxes = isProduction ? undefined : await ensureSandboxes(home.sandboxFolder);
  if (sandboxes !== undefined) closers.push(() => stopSandboxes(sandboxes));
  const faults = isProduction ? {} : readFaults(environment['TENDRIL_FAULT_POINT']);
  const stores = await openStores({ folder: home.folder, databaseUrl: environment['DATABASE_URL'], ...faults.stores });
  closers.push(async () => {
    await stores.log.close();
    await stores.state.close();
  });
  let publicUrl = environment['TENDRIL_PUBLIC_URL'];
  const hub = await createHub({
    stores,
    masterKey,
    log,
    plugins: await findPlugins(FIRST_PARTY),
    publicUrl: () => publicUrl ?? '',
    ...faults.hub,
    allowedEgress: sandboxes === undefined ? [] : sandboxHosts(sandboxes.services),
  });
  closers.push(() => hub.stop({ graceMs: GRACE_MS }));
  const tenant = isDemo ? 'demo' : 'main';
  if (isProduction) await refuseDemoData(hub);
  const keys = await provision(hub, { home, tenant, isTest: !isProduction, isProduction });
  const server = createServer({
    hub,
    log,
    clock: { now: () => Date.now() },
    defaultTenantId: tenant,
    dashboardFolder: dashboardFolder(),
    ...(sandboxes === undefined ? {} : { sandbox: createSandboxView(sandboxes) }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    sessionSecret: createHmac('sha256', masterKey).update('tendril session').digest('hex'),
    isProduction,
  });
  await hub.start();
  if (sandboxes !== undefined) await prepareDemo(await hub.tenant(tenant), sandboxes.services, isDemo);
  const listening = await server.listen(readPort(environment), environment['TENDRIL_HOST'] ?? '127.0.0.1');
  closers.push(() => listening.close());
  const { url } = listening;
  publicUrl ??= url;
  writePrivately(home.hubFile, JSON.stringify({ url, pid: process.pid } satisfies RunningHub));
  closers.push(() => rmSync(home.hubFile, { force: true }));
  if (isDemo && keys !== undefined) {
    const { leadsPerSecond, demoRecords } = options;
    const demo = startDemo({ url, ...keys, stateFile: join(home.folder, 'demo.json'), leadsPerSecond, ...(demoRecords === undefined ? {} : { limit: demoRecords }) }, options.report);
    closers.push(() => demo.stop());
  }
  const stopped = untilSignal().then(async () => {
    options.report('Stopping …');
    server.drain();
    await closeAll();
  });
  const loginUrl = `${url}/open?token=${encodeURIComponent(server.createLoginToken())}`;
  return { url, ...keys, tenant, dataDir: home.folder, loginUrl, isDemo, stopped };
}

/** Two hubs on one folder would both count positions. */
async function refuseSecondHub(home: Home): Promise<void> {
  const other = readJson<RunningHub>(home.hubFile);
  if (other === undefined || other.pid === process.pid || !isAlive(other.pid)) return;
  // After a kill -9 the process id may be somebody else's by now.
  const answers = await fetch(`${other.url}/healthz`, { signal: AbortSignal.timeout(2000) })
    .then(() => true)
    .catch(() => false);
  if (answers) throw new TendrilError('ALREADY_EXISTS', { running: other.url, process: other.pid, folder: home.folder, remedy: 'stop it, or set TENDRIL_HOME to another folder' });
}

async function refuseDemoData(hub: Hub): Promise<void> {
  const tenants = await hub.admin.list();
  if (tenants.some(({ id }) => id === 'demo')) throw new TendrilError('CONFIG_INVALID', { setting: 'TENDRIL_HOME', expected: 'data without the demo tenant, whose keys lie in a file beside it' });
}

function readPort(environment: Readonly<Record<string, string | undefined>>): number {
  const text = environment['PORT'];
  if (text === undefined || text === '') return DEFAULT_PORT;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new TendrilError('CONFIG_INVALID', { setting: 'PORT', expected: 'a port from 0 to 65535' });
  return port;
}

/** Where the built dashboard lies: beside the sources or in its package. */
function dashboardFolder(): string {
  const folder = join(dirname(fileURLToPath(import.meta.resolve('@tendril/dashboard/package.json'))), 'dist');
  if (!existsSync(join(folder, 'index.html'))) throw new TendrilError('CONFIG_INVALID', { setting: 'dashboard', expected: 'a built dashboard: `npm run build`' });
  return folder;
}

function sandboxHosts(services: { readonly salesforce: { readonly url: string }; readonly hubspot: { readonly url: string }; readonly segment: { readonly url: string }; readonly smtp: { readonly host: string; readonly port: number; readonly apiUrl: string } }): readonly string[] {
  const { salesforce, hubspot, segment, smtp } = services;
  return [...[salesforce.url, hubspot.url, segment.url, smtp.apiUrl].map((url) => new URL(url).host), `${smtp.host}:${smtp.port}`];
}

/** Ctrl-C, a request to end, or the end of the process that started this one. A second signal ends at once. */
async function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let isAsked = false;
    const ask = (): void => {
      if (isAsked) process.exit(130);
      isAsked = true;
      resolve();
    };
    process.on('SIGINT', ask);
    process.on('SIGTERM', ask);
    if (process.connected) process.once('disconnect', () => {
      if (!isAsked) ask();
    });
  });
}
