import type { HostPattern, Manifest } from '@tendril/schemas';

/** What a manifest asks for. */
export type Permissions = NonNullable<Manifest['permissions']>;

/** One thing that a plugin may do, the smallest that can be granted or refused. */
export type Claim =
  | { readonly kind: 'host'; readonly value: HostPattern }
  | {
      readonly kind: 'read' | 'write' | 'action' | 'connection' | 'model' | 'channel' | 'storage' | 'data' | 'currency';
      readonly value: string;
    };

/** What `permissions` come to, one by one, in the order in which people should read them. */
export function toClaims({ hosts, events, actions, connections, models, channels, storage, data, money }: Permissions): readonly Claim[] {
  const all = (kind: Exclude<Claim['kind'], 'host'>, values: readonly string[] = []): readonly Claim[] =>
    values.map((value) => ({ kind, value }));
  return [
    ...(hosts ?? []).map((value) => ({ kind: 'host', value }) as const),
    ...all('currency', money?.currencies),
    ...all('channel', channels),
    ...all('data', data),
    ...all('read', events?.read),
    ...all('write', events?.write),
    ...all('action', actions),
    ...all('connection', connections),
    ...all('model', models),
    ...all('storage', storage),
  ];
}

/** The permissions that consist of these claims; kinds without a claim are left out. */
export function toPermissions(claims: readonly Claim[]): Permissions {
  const values = (kind: Claim['kind']): string[] => claims.flatMap(({ kind: of, value }) => (of === kind ? [value as string] : []));
  const some = <Name extends string>(name: Name, kind: Claim['kind']): object => {
    const found = values(kind);
    return found.length === 0 ? {} : { [name]: found };
  };
  const hosts = claims.flatMap((claim) => (claim.kind === 'host' ? [claim.value] : []));
  const events = { ...some('read', 'read'), ...some('write', 'write') };
  const [currency, ...others] = values('currency');
  return {
    ...(hosts.length > 0 && { hosts }),
    ...some('connections', 'connection'),
    ...(Object.keys(events).length > 0 && { events }),
    ...some('actions', 'action'),
    ...some('models', 'model'),
    ...some('channels', 'channel'),
    ...some('storage', 'storage'),
    ...some('data', 'data'),
    ...(currency !== undefined && { money: { currencies: [currency, ...others] } }),
  };
}

/** Whether whoever has `wide` has `narrow` too. */
export function covers(wide: Claim, narrow: Claim): boolean {
  if (wide.kind !== narrow.kind) return false;
  if (wide.kind === 'host' && narrow.kind === 'host') return coversHost(wide.value, narrow.value);
  if (typeof wide.value !== 'string' || typeof narrow.value !== 'string') return false;
  if (wide.value === narrow.value) return true;
  const hasPatterns = wide.kind === 'read' || wide.kind === 'write';
  return hasPatterns && wide.value.endsWith('*') && narrow.value.startsWith(wide.value.slice(0, -1));
}

/** A name without a port means the web's ports, which is not every port. */
function coversHost(wide: HostPattern, narrow: HostPattern): boolean {
  if (typeof wide === 'string' && typeof narrow === 'string') {
    const [host = '', port] = wide.split(':');
    const [other = '', otherPort] = narrow.split(':');
    const isWeb = otherPort === undefined || otherPort === '443' || otherPort === '80';
    if (port === undefined ? !isWeb : port !== otherPort) return false;
    return host === other || (host.startsWith('*.') && other.replace(/^\*\./, '').endsWith(host.slice(1)));
  }
  if (typeof wide === 'string' || typeof narrow === 'string') return false;
  if ('connectionField' in wide) return 'connectionField' in narrow && narrow.connectionField === wide.connectionField;
  return 'inputField' in narrow && narrow.inputField === wide.inputField;
}
