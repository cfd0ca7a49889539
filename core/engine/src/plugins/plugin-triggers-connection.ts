import { TendrilError } from '@tendril/plugin-api';
import type { Connection, Json, JsonObject, PollAnswer, PushRequest } from '@tendril/plugin-api';
import type { Connections } from '../vault/index.ts';
import type { LoadedTrigger, PluginTriggers, TriggerRun } from './plugin-triggers.ts';
import type { HandlerResult } from './run-handler.ts';

/** With what a source of a pipeline is asked. */
export type SourceRun = Omit<TriggerRun, 'connection'> & {
  /** Of the account; the plugin's only one, or the one named as the plugin, without it. */
  readonly connectionName: string | undefined;
};

/** Triggers of plugins as pipelines use them: with the tenant's connections. */
export interface SourceHost {
  find(name: string): LoadedTrigger | undefined;
  isEnabled(tenantId: string, plugin: string): Promise<boolean>;
  /** @throws TendrilError of the catalogue; with remedy `reconnect` when the connection is missing or needs a new login */
  poll(tenantId: string, trigger: LoadedTrigger, cursor: Json | undefined, run: SourceRun): Promise<HandlerResult<PollAnswer>>;
  push(
    tenantId: string,
    trigger: LoadedTrigger,
    request: Omit<PushRequest, 'input'>,
    run: SourceRun,
  ): Promise<HandlerResult<readonly JsonObject[]>>;
  /** What its webhook is signed with, where a field of the connection holds it. */
  secretOf(tenantId: string, trigger: LoadedTrigger, connectionName: string | undefined): Promise<string | undefined>;
}

/** @returns triggers with the connections of the vault */
export function createSourceHost({
  triggers,
  connections,
  enabled,
}: {
  readonly triggers: PluginTriggers;
  readonly connections: Connections;
  readonly enabled: (tenantId: string) => ReadonlySet<string> | Promise<ReadonlySet<string>>;
}): SourceHost {
  return {
    find: (name) => triggers.find(name),
    isEnabled: async (tenantId, plugin) => (await enabled(tenantId)).has(plugin),
    poll: (tenantId, trigger, cursor, { connectionName, ...run }) =>
      withTriggerConnection(connections, tenantId, trigger, connectionName, (connection) =>
        triggers.poll(tenantId, trigger, cursor, { ...run, connection }),
      ),
    push: (tenantId, trigger, request, { connectionName, ...run }) =>
      withTriggerConnection(connections, tenantId, trigger, connectionName, (connection) =>
        triggers.push(tenantId, trigger, request, { ...run, connection }),
      ),
    secretOf: (tenantId, trigger, connectionName) =>
      withTriggerConnection(connections, tenantId, trigger, connectionName, async (connection) => {
        const secret = connection?.values[trigger.webhook?.secret ?? ''];
        return typeof secret === 'string' ? secret : undefined;
      }),
  };
}

/**
 * Runs work with the connection that a trigger uses: the named one; else the one named as the plugin; else the only one of
 * its kind. A token that the service no longer takes is renewed once.
 *
 * @throws TendrilError CONNECTION_UNKNOWN, CONNECTION_MISSING, UPSTREAM_UNAUTHORIZED when it needs a new login
 */
async function withTriggerConnection<Result>(
  connections: Connections,
  tenantId: string,
  trigger: LoadedTrigger,
  named: string | undefined,
  work: (connection: Connection | undefined) => Promise<Result>,
): Promise<Result> {
  const { connection: kind } = trigger.trigger;
  if (kind === undefined) return work(undefined);
  const name = await choose(connections, tenantId, trigger, kind, named);
  const first = await open(connections, tenantId, name);
  try {
    return await work(first);
  } catch (error) {
    if (!TendrilError.is(error) || error.code !== 'UPSTREAM_UNAUTHORIZED') throw error;
    const token = first.values['accessToken'];
    if (trigger.plugin.manifest.connections?.[kind]?.type !== 'oauth2' || typeof token !== 'string') {
      await connections.needsLogin(tenantId, name, first.values);
      throw error;
    }
    await connections.invalidate(tenantId, name, token);
  }
  const renewed = await open(connections, tenantId, name);
  try {
    return await work(renewed);
  } catch (error) {
    if (TendrilError.is(error) && error.code === 'UPSTREAM_UNAUTHORIZED') await connections.needsLogin(tenantId, name, renewed.values);
    throw error;
  }
}

async function choose(
  connections: Connections,
  tenantId: string,
  trigger: LoadedTrigger,
  kind: string,
  named: string | undefined,
): Promise<string> {
  const plugin = trigger.plugin.id;
  const fitting = (await connections.list(tenantId)).filter((record) => record.plugin === plugin && record.kind === kind);
  if (named !== undefined) {
    if (fitting.some(({ name }) => name === named)) return named;
    throw new TendrilError('CONNECTION_UNKNOWN', { trigger: trigger.name, connection: named, kinds: [kind] });
  }
  const chosen = fitting.find(({ name }) => name === plugin) ?? (fitting.length === 1 ? fitting[0] : undefined);
  if (chosen !== undefined) return chosen.name;
  throw new TendrilError('CONNECTION_MISSING', { trigger: trigger.name, plugin, kinds: [kind], choices: fitting.map(({ name }) => name) });
}

async function open(connections: Connections, tenantId: string, connectionName: string): Promise<Connection> {
  const { name, kind, isSandbox, values } = await connections.fresh(tenantId, connectionName);
  return { name, kind, isSandbox, values };
}
