import { TendrilError } from '@tendril/plugin-api';
import type { Clock, Json } from '@tendril/plugin-api';
import type { ObservedCall } from '../hub.ts';
import type { PluginRun } from './plugin-consumers.ts';
import { redact } from './redact.ts';

const LONGEST_TEXT = 16_384;
const SHORTEST_SECRET = 6;

/** Whoever watches the calls of a plugin while it is developed. Costs nothing while nobody does. */
export class CallObservers {
  readonly #clock: Clock;
  readonly #listeners = new Map<string, Set<(call: ObservedCall) => void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns how to stop */
  observe(tenantId: string, plugin: string, listener: (call: ObservedCall) => void): () => void {
    const key = `${tenantId}/${plugin}`;
    const listeners = this.#listeners.get(key) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(key, listeners);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(key);
    };
  }

  /** Runs a handler and tells those who watch what came of it. */
  async watch<Result extends { readonly output: unknown }>(tenantId: string, run: PluginRun, work: () => Promise<Result>): Promise<Result> {
    const listeners = this.#listeners.size === 0 ? undefined : this.#listeners.get(`${tenantId}/${run.plugin.id}`);
    if (listeners === undefined) return work();
    const startedAt = this.#clock.now();
    const startedMs = performance.now();
    const tell = (outcome: string, output: unknown): void => {
      const call = this.#describe(run, {
        startedAt,
        durationMs: Math.round((performance.now() - startedMs) * 1_000) / 1_000,
        outcome,
        output,
      });
      for (const listener of listeners) listener(call);
    };
    try {
      const result = await work();
      tell('ok', result.output);
      return result;
    } catch (error) {
      tell(TendrilError.is(error) ? error.code : 'INTERNAL', undefined);
      throw error;
    }
  }

  #describe(
    run: PluginRun,
    { startedAt, durationMs, outcome, output }: { startedAt: number; durationMs: number; outcome: string; output: unknown },
  ): ObservedCall {
    const { plugin, handler, attempt, isTest, input, events, connection } = run;
    const secrets = Object.values(connection?.values ?? {}).filter(
      (value): value is string => typeof value === 'string' && value.length >= SHORTEST_SECRET,
    );
    const given = input ?? (events === undefined ? undefined : { events });
    return {
      plugin: plugin.id,
      version: plugin.version,
      handler,
      startedAt,
      durationMs,
      attempt,
      isTest,
      outcome,
      ...(given !== undefined && { input: shown(given, secrets) }),
      ...(output !== undefined && { output: shown(output, secrets) }),
    };
  }
}

/** Without secrets and personal details, and no longer than somebody reads. */
function shown(value: unknown, secrets: readonly string[]): Json {
  try {
    const text = JSON.stringify(redact({ value }, secrets)['value'] ?? null);
    return text.length > LONGEST_TEXT ? `[${text.length} characters]` : (JSON.parse(text) as Json);
  } catch {
    return '[no JSON]';
  }
}
