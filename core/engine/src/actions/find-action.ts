import { TendrilError } from '@tendril/plugin-api';
import { nearestName } from '../nearest-name.ts';
import type { LoadedAction, PluginHost } from '../plugins/index.ts';
import type { ConnectionRecord } from '../vault/index.ts';
import type { ActionDescription } from './contract.ts';

/** What a name may mean among the plugins enabled for a tenant: one action by its full name, or all that provide a capability. */
export function findActions(host: PluginHost, enabled: ReadonlySet<string>, name: string): readonly LoadedAction[] {
  const action = host.action(name);
  const named = action === undefined ? host.providers(name) : [action];
  return named.filter(({ plugin }) => enabled.has(plugin.id));
}

/** Of several providers the one that has the connection; the first loaded when that does not tell. */
export function preferConnected(
  actions: readonly LoadedAction[],
  connections: readonly ConnectionRecord[],
  wanted: string | undefined,
): LoadedAction | undefined {
  const usable = wanted === undefined ? connections : connections.filter(({ name }) => name === wanted);
  const isReady = ({ connectionKinds, plugin }: LoadedAction): boolean =>
    connectionKinds.length === 0
      ? wanted === undefined
      : usable.some((record) => record.plugin === plugin.id && connectionKinds.includes(record.kind));
  return actions.find(isReady) ?? actions[0];
}

/** Why there is none: no such name, or its plugin is not enabled. */
export function notFound(host: PluginHost, name: string): TendrilError {
  const all = host.actions();
  const known = all.find((action) => action.name === name || action.action.implements === name);
  if (known !== undefined) return new TendrilError('PLUGIN_DISABLED', { action: name, plugin: known.plugin.id });
  const elsewhere = missingHere(host, name);
  if (elsewhere !== undefined) return elsewhere;
  const meant = nearestName(
    name,
    all.map((action) => action.name),
  );
  return new TendrilError('ACTION_UNKNOWN', { action: name, ...(meant !== undefined && { suggestion: meant }) });
}

/** @throws TendrilError PLUGIN_NOT_INSTALLED_HERE when the action may be one of a plugin that other processes have: it is not unknown */
export function assertNotElsewhere(host: PluginHost, name: string): void {
  const elsewhere = missingHere(host, name);
  if (elsewhere !== undefined) throw elsewhere;
}

function missingHere(host: PluginHost, name: string): TendrilError | undefined {
  const id = name.slice(0, name.indexOf('.'));
  if (name.includes('@') || host.plugin(id) !== undefined) return undefined;
  const missing = host.missing(id);
  return missing.code === 'PLUGIN_NOT_INSTALLED_HERE' ? missing : undefined;
}

/** What may be known of an action outside the engine. */
export function describeAction({
  name,
  plugin,
  action,
  input,
  output,
  timeoutMs,
  connectionKinds,
}: Omit<LoadedAction, 'plugin'> & { readonly plugin: { readonly id: string } }): ActionDescription {
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
    ...(action.examples !== undefined && { examples: action.examples as NonNullable<ActionDescription['examples']> }),
    ...(action.send !== undefined && { send: action.send }),
    ...(action.spend !== undefined && { spend: action.spend }),
  };
}
