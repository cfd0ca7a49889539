import { TendrilError } from '@tendril/plugin-api';
import type { Connection } from '@tendril/plugin-api';
import type { LoadedAction } from '../plugins/index.ts';
import type { ConnectionRecord, Connections } from '../vault/index.ts';
import type { ActionRequest } from './contract.ts';

/**
 * The connection that a call uses: the named one; else the one named as the plugin; else the only one of its kinds.
 *
 * @returns undefined for an action that needs none
 * @throws TendrilError CONNECTION_UNKNOWN, CONNECTION_MISSING, CONNECTION_NOT_SANDBOX, UPSTREAM_UNAUTHORIZED when it needs a new login
 */
export async function chooseConnection(
  connections: Connections,
  action: LoadedAction,
  request: Pick<ActionRequest, 'tenantId' | 'connection' | 'isTest'>,
): Promise<Connection | undefined> {
  if (action.connectionKinds.length === 0) return undefined;
  const chosen =
    request.connection === undefined
      ? await chooseUnnamed(connections, action, request.tenantId)
      : await chooseNamed(connections, action, request.tenantId, request.connection);
  if (request.isTest && !chosen.isSandbox && action.action.effect !== 'read') {
    throw new TendrilError('CONNECTION_NOT_SANDBOX', { action: action.name, connection: chosen.name });
  }
  return openConnection(connections, request.tenantId, chosen.name);
}

/** With values as they are in force now. */
export async function openConnection(connections: Connections, tenantId: string, connectionName: string): Promise<Connection> {
  const { name, kind, isSandbox, values } = await connections.fresh(tenantId, connectionName);
  return { name, kind, isSandbox, values };
}

async function chooseNamed(connections: Connections, action: LoadedAction, tenantId: string, name: string): Promise<ConnectionRecord> {
  const found = await connections.find(tenantId, name);
  if (found === undefined || !fits(found, action)) {
    throw new TendrilError('CONNECTION_UNKNOWN', {
      action: action.name,
      connection: name,
      kinds: action.connectionKinds,
      ...(found !== undefined && { is: `${found.plugin}/${found.kind}` }),
    });
  }
  return found;
}

async function chooseUnnamed(connections: Connections, action: LoadedAction, tenantId: string): Promise<ConnectionRecord> {
  const all = await connections.list(tenantId);
  const chosen = fittingConnection(all, action);
  if (chosen === undefined) {
    throw new TendrilError('CONNECTION_MISSING', {
      action: action.name,
      plugin: action.plugin.id,
      kinds: action.connectionKinds,
      choices: all.filter((record) => fits(record, action)).map(({ name }) => name),
    });
  }
  return chosen;
}

/** The one that an action uses when none is named: that named as the plugin, else the only one of its kinds. */
export function fittingConnection(all: readonly ConnectionRecord[], action: LoadedAction): ConnectionRecord | undefined {
  const fitting = all.filter((record) => fits(record, action));
  return fitting.find(({ name }) => name === action.plugin.id) ?? (fitting.length === 1 ? fitting[0] : undefined);
}

/** Whether the connection is one of the kinds that the action takes. */
export function fits(record: ConnectionRecord, action: LoadedAction): boolean {
  return record.plugin === action.plugin.id && action.connectionKinds.includes(record.kind);
}
