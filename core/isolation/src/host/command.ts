import { TendrilError } from '@tendril/plugin-api';
import type { ChildCode } from './child-code.ts';
import type { Limits } from './options.ts';

/** For whom a process is started. */
export interface ProcessOwner {
  readonly plugin: string;
  readonly tenantId: string;
  /** Of the plugin. */
  readonly folder: string;
}

/** What is started. */
export interface Command {
  readonly file: string;
  readonly words: readonly string[];
  /** Whether the process is Node itself, whose memory can be watched from here. */
  readonly isNode: boolean;
}

// The first version whose permission model covers the network.
const FIRST_WITH_NETWORK = 25;

/** How far plugins are kept in by this Node: `full`, or `open_network` where its permission model does not cover the network. */
export function isolationTier(nodeVersion: string): 'full' | 'open_network' {
  return Number(nodeVersion.split('.')[0]) >= FIRST_WITH_NETWORK ? 'full' : 'open_network';
}

/** @throws TendrilError CONFIG_INVALID on a Node that leaves the network open, unless that is accepted; for a folder that cannot be fenced */
export function commandOf(owner: ProcessOwner, code: ChildCode, limits: Limits, nodeVersion = process.versions.node): Command {
  const [file, ...words] = (limits.command ?? []).map((word) => fill(word, owner));
  if (file !== undefined) return { file, words, isNode: false };
  if (isolationTier(nodeVersion) !== 'full' && limits.isOpenNetworkAccepted !== true)
    throw new TendrilError('CONFIG_INVALID', {
      plugin: owner.plugin,
      reason: `Node ${nodeVersion} cannot keep a plugin's process from the network: run the hub on Node ${String(FIRST_WITH_NETWORK)} or later, trust the plugin, or accept an open network`,
    });
  const starred = [owner.folder, ...code.folders].find((folder) => folder.includes('*'));
  // Node takes everything from the star on for anything: its siblings would be open too.
  if (starred !== undefined)
    throw new TendrilError('CONFIG_INVALID', {
      plugin: owner.plugin,
      reason: `a plugin cannot be kept in below a path with a star: ${starred}`,
    });
  return { file: process.execPath, words: [...nodeFlags(owner, code, limits), code.bootstrap, owner.folder, code.pluginApi], isNode: true };
}

function nodeFlags({ folder }: ProcessOwner, { folders }: ChildCode, limits: Limits): readonly string[] {
  return [
    '--permission',
    ...[folder, ...folders].map((each) => `--allow-fs-read=${each}/*`),
    // Opens files on its own, past the permission model.
    '--no-experimental-sqlite',
    '--no-warnings',
    `--max-old-space-size=${String(limits.heapLimitMiB)}`,
    '--max-semi-space-size=1',
    // No threads for the collector and the compiler: they cost memory in every process, and a plugin waits more than it calculates.
    '--single-threaded',
  ];
}

function fill(word: string, { folder, plugin, tenantId }: ProcessOwner): string {
  return word.replaceAll('{folder}', folder).replaceAll('{plugin}', plugin).replaceAll('{tenant}', tenantId);
}
