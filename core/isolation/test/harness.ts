import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Call, Connection, Json, JsonObject, Permit } from '@tendril/plugin-api';
import { createPluginHost } from '@tendril/engine/plugins';
import type { CallAction, LoadedPlugin, NetworkOptions, PluginHost, PluginIncident, PluginSource } from '@tendril/engine/plugins';
import { systemTimers } from '../../engine/src/environment.ts';
import type { HandlerRun, RunDriver } from '../../engine/src/plugins/handler-run.ts';
import { runHandler } from '../../engine/src/plugins/run-handler.ts';
import type { HandlerResult } from '../../engine/src/plugins/run-handler.ts';
import { memoryTenants, recordingLog, TestClock } from '../../engine/test/plugins/fixture.ts';
import type { LogLine, MemoryTenants } from '../../engine/test/plugins/fixture.ts';
import { createIsolation } from '../src/index.ts';
import type { IsolationOptions } from '../src/index.ts';

const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url));

/** Where the handlers of a test run. */
export type Place = 'in process' | 'child';

export const PLACES: readonly Place[] = ['in process', 'child'];

/** A plugin in its folder under test/fixtures. */
export function fixtureSource(id: string, manifest: JsonObject = manifestOf(id)): PluginSource {
  const folder = join(FIXTURES, id);
  const entry = join(folder, 'index.mjs');
  return {
    folder: id,
    file: join(folder, 'plugin.json'),
    packageJson: { name: `tendril-plugin-${id}`, version: '1.2.0', description: 'A plugin of a test.' },
    manifest,
    read: async (path) => readFileSync(join(folder, path), 'utf8'),
    // A module of its own for each host, as another process would have it.
    load: async () => (await import(`${pathToFileURL(entry).href}?${String(Math.random())}`)) as { readonly default?: unknown },
    location: { folder, entry },
  };
}

export function manifestOf(id: string): JsonObject {
  return JSON.parse(readFileSync(join(FIXTURES, id, 'plugin.json'), 'utf8')) as JsonObject;
}

export interface HarnessOptions {
  readonly place: Place;
  readonly sources: readonly PluginSource[];
  readonly network?: NetworkOptions;
  readonly isolation?: IsolationOptions;
  readonly callAction?: CallAction;
}

export interface Harness {
  readonly host: PluginHost;
  readonly tenants: MemoryTenants;
  readonly clock: TestClock;
  readonly lines: readonly LogLine[];
  readonly incidents: readonly PluginIncident[];
  /** Runs a handler as the engine does. */
  run<Output = Json>(plugin: string, work: Work<Output>, about?: About): Promise<HandlerResult<Output>>;
  /** Runs the action `go` of the plugin `probe`. */
  go(what: string, about?: Omit<About, 'input'> & { readonly input?: JsonObject }): Promise<HandlerResult<Json>>;
  stop(): Promise<void>;
}

export type About = Partial<HandlerRun> & { readonly tenantId?: string; readonly connection?: Connection; readonly permit?: Permit };
export type Work<Output> = (runner: LoadedPlugin['runner'], call: Call) => Promise<Output> | undefined;

const MODEL: RunDriver = async (_caller, contract, work) => {
  const driver = {
    generate: async () => ({ text: 'generated', model: contract }),
    embed: async (texts: readonly string[]) => texts.map((_, index) => [index]),
  };
  return work(driver as never, {} as never);
};

/** A started host whose plugins run in the place that is asked for. */
export async function startHarness(options: HarnessOptions): Promise<Harness> {
  const clock = new TestClock();
  const tenants = memoryTenants(clock);
  const log = recordingLog();
  const incidents: PluginIncident[] = [];
  const real = createIsolation(options.isolation);
  const isolation = {
    createRunner: (plugin: Parameters<typeof real.createRunner>[0], report: (incident: PluginIncident) => void) =>
      real.createRunner(plugin, (incident) => {
        incidents.push(incident);
        report(incident);
      }),
    close: () => real.close(),
  };
  const callAction: CallAction = options.callAction ?? (async ({ input }) => ({ output: { called: input }, changes: [] }));
  const host = createPluginHost({
    sources: options.sources.map((source) => ({ ...source, isTrusted: options.place === 'in process' })),
    isolation,
    tenants,
    clock,
    timers: systemTimers,
    log,
    callAction,
    incidentBudget: { incidents: 1_000, windowMs: 1_000 },
    ...(options.network !== undefined && { network: options.network }),
  });
  await host.start();
  await tenants.define(host.tables());
  const environment = { clock, timers: systemTimers, log, network: host.network, callAction, runDriver: MODEL };

  async function run<Output>(id: string, work: Work<Output>, { tenantId = 'acme', ...about }: About = {}): Promise<HandlerResult<Output>> {
    const plugin = host.plugin(id);
    if (plugin === undefined) throw new Error(JSON.stringify(host.catalogue.faults()));
    const wanted: HandlerRun = {
      plugin,
      tenant: await tenants.open(tenantId),
      settings: { greeting: 'hello' },
      handler: 'action go',
      ceiling: { effect: 'write', idempotency: 'natural' },
      isTest: false,
      idempotencyKey: 'key-1',
      attempt: 1,
      timeoutMs: 20_000,
      ...about,
    };
    return runHandler(wanted, environment, async (call) => {
      const answer = work(plugin.runner, call);
      if (answer === undefined) throw new Error('no such handler');
      return answer;
    });
  }

  return {
    host,
    tenants,
    clock,
    lines: log.lines,
    incidents,
    run,
    go: (what, { input = {}, ...about } = {}) =>
      run('probe', (runner, call) => runner.action('go')?.({ do: what, ...input }, call) as Promise<Json>, {
        input: { do: what, ...input },
        ...about,
      }),
    stop: () => host.stop(),
  };
}
