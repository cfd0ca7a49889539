import type { Logger } from '@tendril/plugin-api';
import { ensureSandboxes, readSandboxesFile } from '@tendril/testkit/sandboxes';
import type { SandboxesFile } from '@tendril/testkit/sandboxes';
import { isAlive } from '../home.ts';

const LOOK_EVERY_MS = 5000;

/** The sandboxes of a data folder, in a process of their own that outlives a kill of the hub. */
export interface SandboxProcess {
  readonly file: SandboxesFile;
  /** Ends them, when the hub was stopped on purpose. */
  stop: () => void;
  /** Ends them where this process has started them, and leaves those of others alone. */
  leave: () => void;
}

/** Starts the sandboxes of a folder, or takes over those that run; starts them again at the same addresses when they end by themselves. */
export async function runSandboxes(folder: string, log: Logger): Promise<SandboxProcess> {
  const before = readSandboxesFile(folder);
  const isOthers = before !== undefined && isAlive(before.pid);
  let current = await ensureSandboxes(folder);
  let isStarting = false;
  const timer = setInterval(() => {
    if (isStarting || isAlive(current.pid)) return;
    isStarting = true;
    log.warn({ process: current.pid }, 'the sandboxes ended; starting them again');
    ensureSandboxes(folder)
      .then(
        (file) => (current = file),
        (error: unknown) => log.error({ err: error }, 'the sandboxes could not be started'),
      )
      .finally(() => (isStarting = false));
  }, LOOK_EVERY_MS);
  timer.unref();
  const stop = (): void => {
    clearInterval(timer);
    if (isAlive(current.pid)) process.kill(current.pid, 'SIGTERM');
  };
  const leave = (): void => {
    if (isOthers) clearInterval(timer);
    else stop();
  };
  return { file: current, stop, leave };
}
