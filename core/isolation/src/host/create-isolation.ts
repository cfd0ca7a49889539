import { isAbsolute, relative, sep } from 'node:path';
import { realpathSync } from 'node:fs';
import { createRunner, declaredHandlers } from '@tendril/engine/plugins';
import type { CheckedPlugin, HandlerKind, Isolation, PluginIncident, PluginRunner } from '@tendril/engine/plugins';
import { TendrilError } from '@tendril/plugin-api';
import type { Call } from '@tendril/plugin-api';
import { findChildCode } from './child-code.ts';
import type { ChildCode } from './child-code.ts';
import { toLimits } from './options.ts';
import type { IsolationOptions, Limits } from './options.ts';
import { TenantProcess } from './tenant-process.ts';

const DRIVER_METHODS = { text_generation: ['generate'], embeddings: ['embed'] } as const;

/** Runs plugins in processes of their own, one per plugin and tenant. Starts none before the first call. */
export function createIsolation(options: IsolationOptions = {}): Isolation {
  const limits = toLimits(options);
  const runners = new Set<PluginRunner>();
  const processes = new Set<TenantProcess>();
  let code: ChildCode | undefined;
  let isClosed = false;
  const killAll = (): void => {
    for (const each of processes) each.killNow();
  };
  // However the hub ends, no process of a plugin outlives it.
  const childCode = (): ChildCode => {
    if (isClosed) throw new TendrilError('HUB_STOPPING', { isWithoutEffect: true });
    if (code === undefined) process.once('exit', killAll);
    return (code ??= findChildCode());
  };
  return {
    createRunner: (plugin, report) => {
      const runner = createChildRunner(plugin, { limits, childCode, report, processes });
      runners.add(runner);
      return runner;
    },
    close: async () => {
      isClosed = true;
      await Promise.allSettled([...runners].map((runner) => runner.stop()));
      process.off('exit', killAll);
      code?.dispose();
      code = undefined;
    },
  };
}

interface RunnerOptions {
  readonly limits: Limits;
  readonly childCode: () => ChildCode;
  readonly report: (incident: PluginIncident) => void;
  readonly processes: Set<TenantProcess>;
}

function createChildRunner(plugin: CheckedPlugin, { limits, childCode, report, processes }: RunnerOptions): PluginRunner {
  const declared = declaredHandlers(plugin.manifest);
  const byTenant = new Map<string, TenantProcess>();

  function processOf(tenantId: string): TenantProcess {
    const known = byTenant.get(tenantId);
    if (known !== undefined) return known;
    const made = new TenantProcess({
      plugin: plugin.id,
      tenantId,
      ...placeOf(plugin),
      handlers: declared,
      tables: Object.keys(plugin.manifest.contributes.tables ?? {}),
      code: childCode(),
      limits,
      report: (happening) => report({ plugin: plugin.id, tenantId, ...happening }),
    });
    byTenant.set(tenantId, made);
    processes.add(made);
    return made;
  }

  async function invoke(handler: string, input: readonly unknown[], call: Call, method?: string): Promise<unknown> {
    return processOf(call.tenant.id).call({ handler, input, call, ...(method !== undefined && { method }) });
  }

  function find(kind: HandlerKind, id: string): unknown {
    const handler = `${kind} ${id}`;
    if (!declared.includes(handler)) return undefined;
    if (kind === 'driver') return driverOf(plugin, id, (method, input, call) => invoke(handler, input, call, method));
    if (kind === 'schedule') return (call: Call) => invoke(handler, [], call);
    return (input: unknown, call: Call, ...rest: readonly unknown[]) => invoke(handler, withoutLast(input, rest), call);
  }

  const known = new Map<string, unknown>();
  return createRunner(
    (kind, id) => {
      const key = `${kind} ${id}`;
      if (!known.has(key)) known.set(key, find(kind, id));
      return known.get(key);
    },
    async () => {
      const all = [...byTenant.values()];
      byTenant.clear();
      const results = await Promise.all(all.map((each) => each.stop()));
      for (const each of all) processes.delete(each);
      if (results.includes(false)) throw new TendrilError('PLUGIN_FAULTY', { plugin: plugin.id, reason: 'a stop hook failed' });
    },
  );
}

/** What is not given is not sent: JSON would make it null. */
function withoutLast(input: unknown, rest: readonly unknown[]): readonly unknown[] {
  return rest.every((each) => each === undefined) ? [input] : [input, ...rest];
}

function driverOf(
  plugin: CheckedPlugin,
  id: string,
  invoke: (method: string, input: readonly unknown[], call: Call) => Promise<unknown>,
): unknown {
  const contract = plugin.manifest.contributes.drivers?.[id]?.contract;
  const methods = contract === undefined || !(contract in DRIVER_METHODS) ? [] : DRIVER_METHODS[contract as keyof typeof DRIVER_METHODS];
  return Object.fromEntries(methods.map((method) => [method, (input: unknown, call: Call) => invoke(method, [input], call)]));
}

/** @throws TendrilError CONFIG_INVALID when the source does not say where its code is, or its entry is outside of its folder */
function placeOf({ id, source }: CheckedPlugin): { readonly folder: string; readonly entry: string } {
  if (source.location === undefined) throw new TendrilError('CONFIG_INVALID', { plugin: id, reason: 'it is not known where its code is' });
  const folder = realpathSync(source.location.folder);
  const entry = relative(folder, realpathSync(source.location.entry));
  if (entry.startsWith('..') || isAbsolute(entry))
    throw new TendrilError('CONFIG_INVALID', { plugin: id, reason: 'its entry module is outside of its folder' });
  return { folder, entry: entry.split(sep).join('/') };
}
