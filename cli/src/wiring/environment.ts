import { resolve } from 'node:path';
import type { HubRole } from '@tendril/engine';
import { TendrilError } from '@tendril/plugin-api';
import { readRoles } from './roles.ts';

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
  /** Ids of plugins whose code runs in the hub's own process, beside those that come with Tendril. */
  readonly trustedPlugins: readonly string[];
  /** Whether plugins may be used that are linked to a folder, which nothing pins. */
  readonly allowsLinked: boolean;
  /** What is run for a plugin that is not trusted in place of Node itself, such as a container; words with `{folder}`, `{plugin}`, `{tenant}`. */
  readonly pluginCommand: readonly string[] | undefined;
  /** What that command finds in its environment. */
  readonly pluginCommandEnvironment: Readonly<Record<string, string>>;
  /** Whether such plugins run on a Node that cannot keep them from the network. */
  readonly acceptsOpenNetwork: boolean;
  /** `host` or `host:port` on private addresses that plugins may reach. */
  readonly allowedEgress: readonly string[];
  /** What this process is for. */
  readonly roles: readonly HubRole[];
  /** Of wake-ups between processes that share a database server. */
  readonly redisUrl: string | undefined;
  readonly redisPrefix: string | undefined;
  /** Where a process without the role `api` answers for its health; nowhere without it. */
  readonly healthPort: number | undefined;
  /** How long what is in hand may take after the process was asked to stop, in milliseconds. */
  readonly graceMs: number;
}

/** What a script that starts a container needs to find its program and its image. Nothing else of the hub's environment is for it. */
const COMMAND_VARIABLES = ['PATH', 'TENDRIL_PLUGIN_IMAGE', 'TENDRIL_CONTAINER_CLI', 'TENDRIL_CONTAINER_RUNTIME'];
const DEFAULT_PORT = 4000;
const DEFAULT_GRACE_MS = 10_000;
const LONGEST_GRACE_MS = 3_600_000;

/**
 * Reads the environment.
 *
 * @param roleFlags what was said on the command line; it wins over TENDRIL_ROLE
 * @throws TendrilError CONFIG_INVALID when a variable does not fit
 */
export function readHubSettings(environment: Environment, isProduction: boolean, roleFlags: readonly string[] = []): HubSettings {
  const pluginFolders = readList(environment['TENDRIL_PLUGINS']).map((folder) => resolve(folder));
  if (isProduction && pluginFolders.length > 0) {
    throw new TendrilError('CONFIG_INVALID', {
      setting: 'TENDRIL_PLUGINS',
      expected: 'nothing: it loads code that nobody has pinned, for development only',
    });
  }
  const databaseUrl = optional(environment['DATABASE_URL']);
  const roleWords = roleFlags.length > 0 ? roleFlags : [environment['TENDRIL_ROLE'] ?? ''];
  return {
    port: readPort('PORT', environment['PORT']) ?? DEFAULT_PORT,
    host: optional(environment['TENDRIL_HOST']) ?? '127.0.0.1',
    databaseUrl,
    publicUrl: readPublicUrl(optional(environment['TENDRIL_PUBLIC_URL'])),
    proxyHops: readProxyHops(optional(environment['TENDRIL_PROXY_HOPS'])),
    pluginFolders,
    trustedPlugins: readList(environment['TENDRIL_TRUSTED_PLUGINS']),
    allowsLinked: !isProduction || environment['TENDRIL_ALLOW_LINKED'] === '1',
    pluginCommand: readCommand(optional(environment['TENDRIL_PLUGIN_COMMAND'])),
    pluginCommandEnvironment: only(environment, COMMAND_VARIABLES),
    acceptsOpenNetwork: environment['TENDRIL_ACCEPT_OPEN_NETWORK'] === '1',
    allowedEgress: readList(environment['TENDRIL_ALLOWED_EGRESS']),
    roles: readRoles(roleWords, databaseUrl !== undefined),
    redisUrl: optional(environment['REDIS_URL']),
    redisPrefix: readPrefix(optional(environment['TENDRIL_REDIS_PREFIX'])),
    healthPort: readPort('TENDRIL_HEALTH_PORT', environment['TENDRIL_HEALTH_PORT']) ?? readPort('PORT', environment['PORT']),
    graceMs: readGrace(optional(environment['TENDRIL_GRACE_MS'])),
  };
}

function only(environment: Environment, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])));
}

/** The parts between commas. */
export function readList(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function readCommand(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const words = text.startsWith('[') ? parseWords(text) : text.split(/\s+/).filter((word) => word !== '');
  if (words === undefined || words.length === 0)
    throw new TendrilError('CONFIG_INVALID', {
      setting: 'TENDRIL_PLUGIN_COMMAND',
      expected: 'a command and its words, with spaces between them or as a JSON array of strings',
    });
  return words;
}

function parseWords(text: string): readonly string[] | undefined {
  try {
    const words: unknown = JSON.parse(text);
    return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : undefined;
  } catch {
    return undefined;
  }
}

function optional(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}

function readPrefix(text: string | undefined): string | undefined {
  if (text !== undefined && !/^[\w-]{1,50}$/.test(text)) {
    throw new TendrilError('CONFIG_INVALID', { setting: 'TENDRIL_REDIS_PREFIX', expected: 'at most 50 letters, digits, _ and -' });
  }
  return text;
}

function readGrace(text: string | undefined): number {
  const graceMs = Number(text ?? DEFAULT_GRACE_MS);
  if (!Number.isInteger(graceMs) || graceMs < 0 || graceMs > LONGEST_GRACE_MS) {
    throw new TendrilError('CONFIG_INVALID', { setting: 'TENDRIL_GRACE_MS', expected: 'milliseconds, from 0 to an hour' });
  }
  return graceMs;
}

function readPort(setting: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new TendrilError('CONFIG_INVALID', { setting, expected: 'a port from 0 to 65535; 0 picks a free one' });
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
