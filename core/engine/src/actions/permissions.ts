import { TendrilError } from '@tendril/plugin-api';
import { valueAt } from '../plugins/index.ts';
import type { LoadedAction, NestedCall, PluginHost } from '../plugins/index.ts';
import type { Caller } from './contract.ts';

const REPEATABILITY = { natural: 0, key: 0, check: 1, none: 2 } as const;
const DEEPEST = 8;

/** A plugin calls only what its manifest lists, by name or by the capability that it implements; pipelines, keys and the hub call whatever is enabled. @throws TendrilError PERMISSION_DENIED */
export function assertMayCall(host: PluginHost, caller: Caller, name: string, action: LoadedAction): void {
  if (caller.kind !== 'plugin' || caller.id === action.plugin.id) return;
  const permitted = host.plugin(caller.id)?.manifest.permissions?.actions ?? [];
  const { implements: capability } = action.action;
  if (!permitted.includes(name) && (capability === undefined || !permitted.includes(capability)))
    throw new TendrilError('PERMISSION_DENIED', { plugin: caller.id, action: name });
}

/**
 * A handler causes no more than it declares: a `read` action, which dry runs let through, calls only such; one that may
 * be repeated calls nothing that may not; messages and money need the plugin's own permission for them.
 *
 * @throws TendrilError PERMISSION_DENIED, PLUGIN_FAULTY when actions call each other in a circle
 */
export function assertWithinCeiling(host: PluginHost, { plugin, name, input, ceiling, depth }: NestedCall, { action }: LoadedAction): void {
  const refused = (reason: string): TendrilError => new TendrilError('PERMISSION_DENIED', { plugin, action: name, reason });
  if (depth > DEEPEST)
    throw new TendrilError('PLUGIN_FAULTY', { plugin, action: name, reason: 'actions call each other too deep', limit: DEEPEST });
  if (action.effect === 'read') return;
  if (ceiling.effect === 'read') throw refused('a handler that only reads may call only `read` actions');
  if (REPEATABILITY[action.idempotency ?? 'natural'] > REPEATABILITY[ceiling.idempotency])
    throw refused('a handler that may be repeated may not call an action that may not');
  const permissions = host.plugin(plugin)?.manifest.permissions;
  if (action.send !== undefined && permissions?.channels?.includes(action.send.channel) !== true)
    throw refused('the channel is not among permissions.channels');
  if (action.spend === undefined) return;
  if (permissions?.money === undefined) throw refused('permissions.money is missing');
  const currency = valueAt(input, action.spend.currency);
  if (!permissions.money.currencies.some((permitted) => permitted === currency))
    throw refused('the currency is not named, or not among permissions.money.currencies');
}
