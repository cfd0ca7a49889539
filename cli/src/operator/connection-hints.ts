import type { HubClient } from '../hub-client.ts';
import type { HubPlugin } from './hub-plugin.ts';

/** A kind of connection that a plugin uses, and what the tenant has of it. */
export interface ConnectionHint {
  readonly kind: string;
  /** Names of those there are. */
  readonly names: readonly string[];
  readonly says: string;
}

/** The connections that a plugin can use: which there are, and how to add those that are missing. */
export async function connectionHints(
  hub: HubClient,
  { id, permissions }: Pick<HubPlugin, 'id' | 'permissions'>,
): Promise<readonly ConnectionHint[]> {
  const kinds = Array.isArray(permissions['connections']) ? permissions['connections'].filter((kind) => typeof kind === 'string') : [];
  if (kinds.length === 0) return [];
  const connections = await hub.list<{ readonly name: string; readonly plugin: string; readonly kind: string }>('/v1/connections', 1000);
  return kinds.map((kind) => {
    const names = connections.filter((each) => each.plugin === id && each.kind === kind).map(({ name }) => name);
    const says =
      names.length > 0
        ? `It uses the connection${names.length > 1 ? 's' : ''} ${names.join(', ')} (${kind}).`
        : `It needs a connection of kind ${kind}: \`tendril connections add NAME --plugin ${id} --kind ${kind} --values-file FILE\`.`;
    return { kind, names, says };
  });
}
