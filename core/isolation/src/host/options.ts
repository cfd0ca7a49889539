import type { PluginIncident } from '@tendril/engine/plugins';

/** How plugins are isolated. Everything has a default that fits an installation without special wishes. */
export interface IsolationOptions {
  /**
   * What is run in place of this process's own Node, one word an item; it has to speak the protocol over stdin and stdout, as the
   * image of deploy/plugin-container does. `{folder}`, `{plugin}` and `{tenant}` are filled in.
   */
  readonly command?: readonly string[];
  /** Environment of that command, which finds its own way with it; Node itself gets none. */
  readonly commandEnvironment?: Readonly<Record<string, string>>;
  /** On a Node before 25, whose permission model leaves the network open: run plugins all the same. */
  readonly isOpenNetworkAccepted?: boolean;
  /** Least recently used for so long, a process is stopped; 300,000 unless told. */
  readonly idleMs?: number;
  /** Of the JavaScript heap of one process; 128 unless told. */
  readonly heapLimitMiB?: number;
  /** Resident memory of one process, buffers included; 256 unless told. */
  readonly memoryLimitMiB?: number;
  /** From the start of the process until the plugin is set up; 10,000 unless told. */
  readonly startLimitMs?: number;
  /** How long a process may give no sign of life; 10,000 unless told. */
  readonly hangLimitMs?: number;
  /** How long it may give none while a handler whose time is up has not ended; 2,000 unless told. */
  readonly abortLimitMs?: number;
  /** For the stop hooks; 5,000 unless told. */
  readonly stopLimitMs?: number;
  /** Calls in one process at the same time; more wait. 64 unless told. */
  readonly mostCalls?: number;
  /** Calls that wait for one process; more are refused. 10,000 unless told. */
  readonly mostWaiting?: number;
  /** What one process may print within 10 seconds; 1 MiB unless told. */
  readonly printLimitBytes?: number;
  /** Answers that one process has asked for and does not read; 256 MiB unless told. */
  readonly unreadLimitBytes?: number;
  /** Rows and events that one call may gather before it ends or flushes; 20,000 unless told. */
  readonly mostChanges?: number;
  /** Size of what one call may gather; 64 MiB unless told. */
  readonly changesLimitBytes?: number;
  /** Sees what a plugin prints. Nobody does without it: it may hold secrets and personal data. */
  readonly onPrint?: (plugin: string, tenantId: string, text: string) => void;
}

/** The options with their defaults. */
export type Limits = Required<Omit<IsolationOptions, 'command' | 'commandEnvironment' | 'isOpenNetworkAccepted' | 'onPrint'>> &
  Pick<IsolationOptions, 'command' | 'commandEnvironment' | 'isOpenNetworkAccepted' | 'onPrint'>;

const MIB = 1024 * 1024;

/** Fills in the defaults. */
export function toLimits(options: IsolationOptions): Limits {
  return {
    idleMs: 300_000,
    heapLimitMiB: 128,
    memoryLimitMiB: 256,
    startLimitMs: 10_000,
    hangLimitMs: 10_000,
    abortLimitMs: 2_000,
    stopLimitMs: 5_000,
    mostCalls: 64,
    mostWaiting: 10_000,
    printLimitBytes: MIB,
    unreadLimitBytes: 256 * MIB,
    mostChanges: 20_000,
    changesLimitBytes: 64 * MIB,
    ...options,
  };
}

/** What happened to a process, without whom it belonged to. */
export type Happening = Pick<PluginIncident, 'kind' | 'reason'>;
