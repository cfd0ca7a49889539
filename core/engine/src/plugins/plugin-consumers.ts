import { hash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { Call, LoggedEvent } from '@tendril/plugin-api';
import type { Consumer } from '@tendril/schemas';
import type { ConsumerDefinition } from '../events/index.ts';
import { MAX_HOPS } from '../events/index.ts';
import type { Change, TenantState } from '../ports.ts';
import type { LoadedPlugin, PluginRunner } from './contract.ts';
import { compileNamePatterns } from './name-patterns.ts';
import type { HandlerResult } from './run-handler.ts';
import type { HandlerRun } from './handler-run.ts';

const BATCH = 500;
const TIMEOUT_MS = 300_000;

/** What an invocation needs beside the plugin; the host fills in the tenant and its settings. */
export type PluginRun = Omit<HandlerRun, 'tenant' | 'settings'> & {
  /** Read in place of the tenant's own. */
  readonly state?: TenantState;
};

/** How the host runs a handler and returns the changes it gathered. */
export type RunForTenant = <Output>(
  tenantId: string,
  run: PluginRun,
  work: (runner: PluginRunner, call: Call) => Promise<Output>,
) => Promise<HandlerResult<Output>>;

/** What consumers need of the host. */
export interface ConsumerHost {
  isEnabled(tenantId: string, plugin: string): Promise<boolean>;
  /** Whether handlers of the plugin can affect more than its own tables. */
  reachesOut(plugin: LoadedPlugin): boolean;
  readonly runForTenant: RunForTenant;
}

interface Batch {
  readonly tenantId: string;
  readonly events: readonly LoggedEvent[];
  readonly signal: AbortSignal;
  readonly state?: TenantState;
}

/** A plugin's consumers as the events room follows the log for them. */
export function toConsumerDefinitions(plugin: LoadedPlugin, host: ConsumerHost): readonly ConsumerDefinition[] {
  return Object.entries(plugin.manifest.contributes.consumers ?? {}).map(([id, consumer]) => {
    const isWanted = compileNamePatterns(consumer.events);
    return {
      id: `${plugin.id}.${id}`,
      ...(consumer.after !== undefined && { after: `${consumer.after}.project` }),
      batchSize: consumer.batch ?? BATCH,
      ...namesOf(consumer),
      ...(consumer.derives !== undefined && { derives: consumer.derives.flatMap((table) => plugin.tables.get(table) ?? []) }),
      onFailure: consumer.onFailure ?? 'block',
      isEnabled: (tenantId) => host.isEnabled(tenantId, plugin.id),
      handle: async (tenantId, batch, signal, state) => {
        // The operator may have granted less than the consumer wants.
        const events = batch.filter(({ name, hops }) => isWanted(name) && plugin.mayRead(name) && hops <= MAX_HOPS);
        const changes: Change[] = [];
        for (const part of host.reachesOut(plugin) ? partsByTest(events) : [events]) {
          changes.push(
            ...(await handle(plugin, id, { tenantId, events: part, signal, ...(state !== undefined && { state }) }, host.runForTenant)),
          );
        }
        return changes;
      },
    };
  });
}

/** Runs of events that are all of test apps or all of live ones, in order: what reaches out is held to sandboxes for the former. */
function partsByTest(events: readonly LoggedEvent[]): readonly (readonly LoggedEvent[])[] {
  const parts: LoggedEvent[][] = [];
  for (const event of events) {
    const part = parts.at(-1);
    if (part?.[0]?.isTest === event.isTest) part.push(event);
    else parts.push([event]);
  }
  return parts;
}

/** Only names without patterns can be sought in the log; the others are sifted here. */
function namesOf({ events }: Consumer): { readonly names?: readonly string[] } {
  return events.some((name) => name.endsWith('*')) ? {} : { names: events };
}

async function handle(
  plugin: LoadedPlugin,
  id: string,
  { tenantId, events, signal, state }: Batch,
  runForTenant: RunForTenant,
): Promise<readonly Change[]> {
  const [first] = events;
  if (first === undefined) return [];
  const run: PluginRun = {
    plugin,
    handler: `consumer ${id}`,
    // What it causes has to bear being caused again: a batch whose commit fails is handled again.
    ceiling: { effect: 'write', idempotency: 'natural' },
    isTest: events.some(({ isTest }) => isTest),
    idempotencyKey: hash('sha256', `${plugin.id}.${id}/${tenantId}/${first.position}`, 'hex').slice(0, 48),
    attempt: 1,
    timeoutMs: TIMEOUT_MS,
    signal,
    hops: Math.min(...events.map(({ hops }) => hops)),
    events,
    ...(state !== undefined && { state }),
  };
  const { changes } = await runForTenant(tenantId, run, async (runner, call) => {
    const handler = runner.consumer(id);
    if (handler === undefined) throw new TendrilError('PLUGIN_IMPLEMENTATION_MISMATCH', { plugin: plugin.id, missing: [`consumer ${id}`] });
    await handler(events, call);
  });
  return changes;
}
