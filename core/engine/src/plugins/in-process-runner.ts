import { TendrilError } from '@tendril/plugin-api';
import type { Host, Plugin } from '@tendril/plugin-api';
import { inside } from './broker/egress-scope.ts';
import type { EgressScope } from './broker/egress-scope.ts';
import type { CheckedPlugin, HandlerKind, PluginRunner } from './contract.ts';
import { createRunner, declaredHandlers } from './runner.ts';

const SETUP_MS = 5_000;
const STOP_MS = 5_000;

/**
 * Imports the entry module and runs `setup` once.
 *
 * @param setupScope what the plugin may reach while it is set up: nothing
 * @throws TendrilError PLUGIN_IMPLEMENTATION_MISMATCH naming what is too much and what is missing; PLUGIN_FAULTY
 */
export async function loadInProcess(plugin: CheckedPlugin, setupScope: EgressScope): Promise<PluginRunner> {
  const loaded = await withLimit(
    inside(setupScope, () => plugin.source.load()),
    SETUP_MS,
    plugin.id,
    'the entry module took too long to load',
  );
  const entry = loaded.default;
  if (!isPlugin(entry))
    throw new TendrilError('PLUGIN_FAULTY', { plugin: plugin.id, reason: 'the entry module has no default export with a setup function' });
  const handlers = new Map<string, unknown>();
  const surplus: string[] = [];
  const stops: (() => Promise<void> | void)[] = [];
  const declared = new Set(declaredHandlers(plugin.manifest));
  const register =
    (kind: HandlerKind, type: 'function' | 'object' = 'function') =>
    (id: string, handler: unknown): void => {
      const key = `${kind} ${id}`;
      if (!declared.has(key) || handlers.has(key) || typeof handler !== type) surplus.push(key);
      else handlers.set(key, handler);
    };
  const host = {
    action: register('action'),
    check: register('check'),
    consumer: register('consumer'),
    schedule: register('schedule'),
    trigger: register('trigger'),
    route: register('route'),
    webhook: register('webhook'),
    agent: register('agent'),
    driver: register('driver', 'object'),
    onStop: (stop: () => Promise<void> | void) => stops.push(stop),
  } as unknown as Host;
  runSetup(plugin.id, () => inside(setupScope, () => entry.setup(host)));
  const missing = [...declared].filter((key) => !handlers.has(key));
  if (missing.length > 0 || surplus.length > 0)
    throw new TendrilError('PLUGIN_IMPLEMENTATION_MISMATCH', { plugin: plugin.id, missing, surplus });
  return createRunner(
    (kind, id) => handlers.get(`${kind} ${id}`),
    async () => {
      const results = await withLimit(
        Promise.allSettled(stops.map((stop) => inside(setupScope, async () => stop()))),
        STOP_MS,
        plugin.id,
        'a stop hook took too long',
      );
      if (results.some((result) => result.status === 'rejected'))
        throw new TendrilError('PLUGIN_FAULTY', { plugin: plugin.id, reason: 'a stop hook failed' });
    },
  );
}

function isPlugin(value: unknown): value is Plugin {
  return typeof value === 'object' && value !== null && 'setup' in value && typeof value.setup === 'function';
}

/** Nothing can interrupt synchronous code in this process, so the limit is looked at afterwards. */
function runSetup(plugin: string, setup: () => unknown): void {
  const startedAt = performance.now();
  const answer = setup();
  if (typeof answer === 'object' && answer !== null && 'then' in answer) {
    Promise.resolve(answer).catch(() => undefined);
    throw new TendrilError('PLUGIN_FAULTY', { plugin, reason: 'setup must not be asynchronous' });
  }
  if (performance.now() - startedAt > SETUP_MS)
    throw new TendrilError('PLUGIN_FAULTY', { plugin, reason: 'setup took too long', limitMs: SETUP_MS });
}

async function withLimit<Result>(work: Promise<Result>, limitMs: number, plugin: string, reason: string): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TendrilError('PLUGIN_FAULTY', { plugin, reason, limitMs })), limitMs);
    timer.unref();
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
