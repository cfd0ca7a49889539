import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';

/** The dashboard as the hub would serve it, built into a folder of its own. */
export interface BuiltDashboard {
  readonly files: string;
  remove(): Promise<void>;
}

let shared: Promise<string> | undefined;
let users = 0;

/** Builds the dashboard once for all test files of a process. */
export async function buildDashboard(): Promise<BuiltDashboard> {
  users += 1;
  shared ??= buildOnce();
  const files = await shared;
  return {
    files,
    async remove() {
      users -= 1;
      if (users > 0) return;
      shared = undefined;
      await rm(files, { recursive: true, force: true });
    },
  };
}

async function buildOnce(): Promise<string> {
  const files = await mkdtemp(join(tmpdir(), 'tendril-dashboard-'));
  await build({
    configFile: join(import.meta.dirname, '../../vite.config.ts'),
    logLevel: 'error',
    build: { outDir: files, emptyOutDir: true },
  });
  return files;
}
