import { TendrilError } from '@tendril/plugin-api';
import { nearestName } from '../nearest-name.ts';
import type { LoadedAction, PluginHost } from '../plugins/index.ts';
import type { ActionDescription } from './contract.ts';

/**
 * By full name, or by capability among the plugins enabled for the tenant. Of several providers the first that
 * `prefers` says yes to is taken, and the first of all otherwise; the order is that of loading.
 */
export function findAction(host: PluginHost, enabled: ReadonlySet<string>, name: string, prefers: (action: LoadedAction) => boolean): LoadedAction | undefined {
  if (!name.includes('@')) {
    const action = host.action(name);
    return action !== undefined && enabled.has(action.plugin.id) ? action : undefined;
  }
  const providers = host.actions().filter((action) => action.action.implements === name && enabled.has(action.plugin.id));
  return providers.find(prefers) ?? providers[0];
}

/** Why there is none: no such name, or its plugin is not enabled. */
export function notFound(host: PluginHost, name: string): TendrilError {
  const all = host.actions();
  const known = all.find((action) => action.name === name || action.action.implements === name);
  if (known !== undefined) return new TendrilError('PLUGIN_DISABLED', { action: name, plugin: known.plugin.id });
  const meant = nearestName(name, all.map((action) => action.name));
  return new TendrilError('ACTION_UNKNOWN', { action: name, ...(meant !== undefined && { suggestion: meant }) });
}

/** What may be known of an action outside the engine. */
export function describeAction({ name, plugin, action, input, output, timeoutMs, connectionKinds }: Omit<LoadedAction, 'plugin'> & { readonly plugin: { readonly id: string } }): ActionDescription {
  return {
    name,
    plugin: plugin.id,
    title: action.title,
    effect: action.effect,
    idempotency: action.idempotency ?? 'natural',
    input: typeof input.schema === 'object' ? input.schema : {},
    output: typeof output.schema === 'object' ? output.schema : {},
    timeoutMs,
    connectionKinds,
    ...(action.description !== undefined && { description: action.description }),
    ...(action.implements !== undefined && { implements: action.implements }),
  };
}
