import { hash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { Call, LoggedEvent } from '@tendril/plugin-api';
import type { Consumer } from '@tendril/schemas';
import type { ConsumerDefinition } from '../events/index.ts';
import { MAX_HOPS } from '../events/index.ts';
import type { Change } from '../ports.ts';
import type { LoadedPlugin, PluginRunner } from './contract.ts';
import { compileNamePatterns } from './name-patterns.ts';
import type { HandlerResult } from './run-handler.ts';
import type { HandlerRun } from './handler-run.ts';

const BATCH = 500;
const TIMEOUT_MS = 300_000;

/** What an invocation needs beside the plugin; the host fills in the tenant and its settings. */
export type PluginRun = Omit<HandlerRun, 'tenant' | 'settings'>;

/** How the host runs a handler and returns the changes it gathered. */
export type RunForTenant = <Output>(
  tenantId: string,
  run: PluginRun,
  work: (runner: PluginRunner, call: Call) => Promise<Output>,
) => Promise<HandlerResult<Output>>;

/** A plugin's consumers as the events room follows the log for them. */
export function toConsumerDefinitions(
  plugin: LoadedPlugin,
  isEnabled: (tenantId: string) => Promise<boolean>,
  runForTenant: RunForTenant,
): readonly ConsumerDefinition[] {
  return Object.entries(plugin.manifest.contributes.consumers ?? {}).map(([id, consumer]) => ({
    id: `${plugin.id}.${id}`,
    ...(consumer.after !== undefined && { after: `${consumer.after}.project` }),
    batchSize: consumer.batch ?? BATCH,
    ...namesOf(consumer),
    onFailure: consumer.onFailure ?? 'block',
    isEnabled,
    handle: (tenantId, events, signal) => handle(plugin, id, consumer, { tenantId, events, signal }, runForTenant),
  }));
}

/** Only names without patterns can be sought in the log; the others are sifted here. */
function namesOf({ events }: Consumer): { readonly names?: readonly string[] } {
  return events.some((name) => name.endsWith('*')) ? {} : { names: events };
}

async function handle(
  plugin: LoadedPlugin,
  id: string,
  consumer: Consumer,
  batch: { readonly tenantId: string; readonly events: readonly LoggedEvent[]; readonly signal: AbortSignal },
  runForTenant: RunForTenant,
): Promise<readonly Change[]> {
  const isWanted = compileNamePatterns(consumer.events);
  const events = batch.events.filter(({ name, hops }) => isWanted(name) && hops <= MAX_HOPS);
  const [first] = events;
  if (first === undefined) return [];
  const run: PluginRun = {
    plugin,
    handler: `consumer ${id}`,
    // What it causes has to bear being caused again: a batch whose commit fails is handled again.
    ceiling: { effect: 'write', idempotency: 'natural' },
    isTest: events.some(({ isTest }) => isTest),
    idempotencyKey: hash('sha256', `${plugin.id}.${id}/${batch.tenantId}/${first.position}`, 'hex').slice(0, 48),
    attempt: 1,
    timeoutMs: TIMEOUT_MS,
    signal: batch.signal,
    hops: Math.min(...events.map(({ hops }) => hops)),
    events,
  };
  const { changes } = await runForTenant(batch.tenantId, run, async (runner, call) => {
    const handler = runner.consumer(id);
    if (handler === undefined) throw new TendrilError('PLUGIN_IMPLEMENTATION_MISMATCH', { plugin: plugin.id, missing: [`consumer ${id}`] });
    await handler(events, call);
  });
  return changes;
}
