import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readSandboxesFile } from './sandboxes-file.ts';
import type { SandboxesFile } from './sandboxes-file.ts';

const READY_WITHIN_MS = 20_000;
const ASK_EVERY_MS = 25;

async function isAnswering(file: SandboxesFile): Promise<boolean> {
  try {
    return (await fetch(`${file.services.salesforce.url}/_sandbox/status`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

/** Where `main` lies: beside this file, as source or as built. */
function mainPath(): string {
  return fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url));
}

/**
 * Gives the sandboxes of a folder, starting them as a process of their own where none answers. The process outlives
 * this one; end it by SIGTERM to `pid`.
 *
 * @throws Error when they do not get ready within 20 seconds
 */
export async function ensureSandboxes(folder: string): Promise<SandboxesFile> {
  const running = readSandboxesFile(folder);
  if (running !== undefined && (await isAnswering(running))) return running;
  const child = spawn(process.execPath, ['--no-warnings', mainPath(), folder], { detached: true, stdio: 'ignore' });
  // A process that could not be started has no id and ends the wait below.
  child.on('error', () => undefined);
  child.unref();
  const deadline = performance.now() + READY_WITHIN_MS;
  while (child.pid !== undefined && performance.now() < deadline) {
    const file = readSandboxesFile(folder);
    // Whoever started them: of two that start at once, one gives up. The file of those before them still lies there at first.
    if (file !== undefined && file.pid !== running?.pid && (await isAnswering(file))) return file;
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
  throw new Error(`the sandboxes of ${folder} did not start`);
}
