import { TendrilError } from '@tendril/plugin-api';
import type { Host } from '@tendril/plugin-api';

/** What `setup` registered. */
export interface Registered {
  /** By `kind id`. */
  readonly handlers: ReadonlyMap<string, unknown>;
  readonly stops: readonly (() => Promise<void> | void)[];
  readonly missing: readonly string[];
  readonly surplus: readonly string[];
}

const KINDS = ['action', 'check', 'consumer', 'schedule', 'trigger', 'route', 'webhook', 'agent'] as const;

/** Runs `setup` and compares. @throws TendrilError PLUGIN_FAULTY when the entry is no plugin */
export function registerHandlers(plugin: string, entry: unknown, declaredHandlers: readonly string[]): Registered {
  if (!isPlugin(entry))
    throw new TendrilError('PLUGIN_FAULTY', { plugin, reason: 'the entry module has no default export with a setup function' });
  const handlers = new Map<string, unknown>();
  const surplus: string[] = [];
  const stops: (() => Promise<void> | void)[] = [];
  const declared = new Set(declaredHandlers);
  const register =
    (kind: string, type: 'function' | 'object') =>
    (id: string, handler: unknown): void => {
      const key = `${kind} ${id}`;
      if (!declared.has(key) || handlers.has(key) || typeof handler !== type) surplus.push(key);
      else handlers.set(key, handler);
    };
  const host = {
    ...Object.fromEntries(KINDS.map((kind) => [kind, register(kind, 'function')])),
    driver: register('driver', 'object'),
    onStop: (stop: () => Promise<void> | void) => stops.push(stop),
  } as unknown as Host;
  // Typed to answer nothing, which nobody keeps a plugin to.
  const answer = entry.setup(host);
  if (typeof answer === 'object' && answer !== null && 'then' in answer) {
    Promise.resolve(answer).catch(() => undefined);
    throw new TendrilError('PLUGIN_FAULTY', { plugin, reason: 'setup must not be asynchronous' });
  }
  return { handlers, stops, surplus, missing: [...declared].filter((key) => !handlers.has(key)) };
}

function isPlugin(value: unknown): value is { setup(host: Host): unknown } {
  return typeof value === 'object' && value !== null && 'setup' in value && typeof value.setup === 'function';
}
