import { resolve } from 'node:path';
import { TendrilError } from '@tendril/plugin-api';

/** Variables of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What `tendril start` reads from its environment, checked before anything is opened. */
export interface HubSettings {
  readonly port: number;
  readonly host: string;
  readonly databaseUrl: string | undefined;
  readonly publicUrl: string | undefined;
  /** How many proxies of ours stand before the hub: what they say of the sender is believed. */
  readonly proxyHops: number;
  /** Folders of plugins that are being developed. */
  readonly pluginFolders: readonly string[];
  /** `host` or `host:port` on private addresses that plugins may reach. */
  readonly allowedEgress: readonly string[];
}

const DEFAULT_PORT = 4000;

/**
 * Reads the environment.
 *
 * @throws TendrilError CONFIG_INVALID when a variable does not fit
 */
export function readHubSettings(environment: Environment, isProduction: boolean): HubSettings {
  const pluginFolders = readList(environment['TENDRIL_PLUGINS']).map((folder) => resolve(folder));
  if (isProduction && pluginFolders.length > 0) {
    throw new TendrilError('CONFIG_INVALID', {
      setting: 'TENDRIL_PLUGINS',
      expected: 'nothing: it loads code that nobody has pinned, for development only',
    });
  }
  return {
    port: readPort(environment['PORT']),
    host: optional(environment['TENDRIL_HOST']) ?? '127.0.0.1',
    databaseUrl: optional(environment['DATABASE_URL']),
    publicUrl: readPublicUrl(optional(environment['TENDRIL_PUBLIC_URL'])),
    proxyHops: readProxyHops(optional(environment['TENDRIL_PROXY_HOPS'])),
    pluginFolders,
    allowedEgress: readList(environment['TENDRIL_ALLOWED_EGRESS']),
  };
}

/** The parts between commas. */
export function readList(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function optional(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}

function readPort(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_PORT;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new TendrilError('CONFIG_INVALID', { setting: 'PORT', expected: 'a port from 0 to 65535; 0 picks a free one' });
  }
  return port;
}

function readProxyHops(text: string | undefined): number {
  const hops = Number(text ?? 0);
  if (!Number.isInteger(hops) || hops < 0 || hops > 10) {
    throw new TendrilError('CONFIG_INVALID', {
      setting: 'TENDRIL_PROXY_HOPS',
      expected: 'how many proxies stand before the hub, from 0 to 10',
    });
  }
  return hops;
}

function readPublicUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new TendrilError('CONFIG_INVALID', { setting: 'TENDRIL_PUBLIC_URL', expected: 'an address such as https://hub.example' });
  }
  return text.replace(/\/+$/, '');
}
