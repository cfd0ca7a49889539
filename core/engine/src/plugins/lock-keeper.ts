import type { Clock, JsonObject, Logger } from '@tendril/plugin-api';
import type { Timers } from '../environment.ts';
import type { TableSpec, TenantState } from '../ports.ts';
import { compareLocks } from './lock.ts';
import type { LockDifference } from '../hub.ts';
import type { PluginLock } from './lock.ts';

/** The installation's lock, in the hub's own state. */
export const LOCKS: TableSpec = { name: '_plugins.lock', key: 'id', indexes: {}, personal: [] };

const INSTALLATION = 'installation';
/** How long another process's new lock may go unnoticed. */
const AGE_MS = 1_000;

/** Holds this process to the installation's lock. */
export interface LockKeeper {
  /** The hash of what this process has loaded. */
  currentLock(): string;
  /**
   * Makes this process's lock the installation's when it has none yet, or when told; otherwise looks whether it is.
   *
   * @param accept replaces another lock, after which processes that have that one take no more work
   */
  start(accept: boolean): Promise<void>;
  /** Whether this process may take work, as of a second ago. The last answer counts while the store is away. */
  isCurrent(): Promise<boolean>;
  /** In which plugins it differs from the installation; empty when it may take work. */
  differences(): readonly LockDifference[];
  /** Whether the installation has a plugin of the id, as of the last look. */
  isInstalled(id: string): boolean;
}

/** What it needs. */
export interface LockKeeperOptions {
  readonly hub: TenantState;
  readonly lock: () => PluginLock;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

/** @returns a keeper that knows nothing before `start` */
export function createLockKeeper(options: LockKeeperOptions): LockKeeper {
  const { hub, lock, clock, timers, log } = options;
  let found: readonly LockDifference[] = [];
  let installed: ReadonlySet<string> = new Set();
  let readAtMs = -Infinity;
  let reading: Promise<void> | undefined;

  async function read(): Promise<{ readonly lock: PluginLock | undefined; readonly version: number }> {
    const [row] = await hub.get(LOCKS, [INSTALLATION]);
    return { lock: row?.value as PluginLock | undefined, version: row?.version ?? 0 };
  }

  function judge(installation: PluginLock): void {
    readAtMs = timers.monotonicMs();
    installed = new Set(installation.plugins.map(({ id }) => id));
    const differences = installation.hash === lock().hash ? [] : compareLocks(lock(), installation);
    if (JSON.stringify(differences) === JSON.stringify(found)) return;
    found = differences;
    if (differences.length === 0) log.info({ lock: lock().hash }, 'this process has the plugins of the installation: it takes work');
    else
      log.error(
        { differences },
        'this process has other plugins than the installation: it takes no work until they are the same, or accepted with --accept-lock',
      );
  }

  async function look(): Promise<void> {
    const { lock: installation } = await read();
    // Removed by hand: nobody is held to anything until a process starts.
    judge(installation ?? lock());
  }

  return {
    currentLock: () => lock().hash,
    differences: () => found,
    isInstalled: (id) => installed.has(id),
    start: async (accept) => {
      for (;;) {
        const { lock: installation, version } = await read();
        if (installation?.hash === lock().hash || (installation !== undefined && !accept)) {
          judge(installation);
          return;
        }
        const value = { id: INSTALLATION, ...lock(), acceptedAt: clock.now() } as unknown as JsonObject;
        const result = await hub.commit([{ op: 'put', table: LOCKS, value, expect: version }]);
        if (!result.ok) continue;
        if (installation !== undefined)
          log.warn({ differences: compareLocks(lock(), installation) }, "the installation's lock was replaced by this process's");
        judge(lock());
        return;
      }
    },
    isCurrent: async () => {
      if (timers.monotonicMs() - readAtMs >= AGE_MS) {
        reading ??= look().finally(() => {
          reading = undefined;
        });
        await reading.catch((error: unknown) => {
          log.warn({ err: error }, "the installation's lock could not be read; the last known one counts");
        });
      }
      return found.length === 0;
    },
  };
}
