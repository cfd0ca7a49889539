#!/usr/bin/env node
// Goes on with the Node that Tendril brings when the machine's own is too old, or when sources are run.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CONDITION = '--conditions=tendril-source';
const runsSources = existsSync(new URL('../src/commands/index.ts', import.meta.url));
const isNewEnough = Number(process.versions.node.split('.')[0]) >= 24;

keepCompiled();
if (isNewEnough && (!runsSources || process.execArgv.includes(CONDITION))) {
  const { execute } = await import('@oclif/core');
  await execute({ dir: import.meta.url });
} else {
  // A hub's memory stays small with a smaller nursery and two arenas of the allocator, which can be chosen here only.
  const isHub = process.argv[2] === 'start';
  const flags = [
    '--disable-warning=ExperimentalWarning',
    ...(runsSources ? [CONDITION] : []),
    ...(isHub ? ['--max-semi-space-size=8'] : []),
  ];
  // The channel tells the other process when this one is gone, however it ended.
  const child = spawn(isNewEnough ? process.execPath : ownNode(), [...flags, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: isHub ? { MALLOC_ARENA_MAX: '2', ...process.env } : process.env,
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

// From the second start on, code comes compiled, and stripped of its types where it comes from sources. Threads and
// processes that this one starts find it by the variable.
function keepCompiled() {
  if (
    process.env.NODE_COMPILE_CACHE !== undefined ||
    process.env.NODE_DISABLE_COMPILE_CACHE !== undefined ||
    nodeModule.enableCompileCache === undefined
  )
    return;
  const folder = fileURLToPath(
    new URL(runsSources ? '../../node_modules/.cache/tendril' : '../node_modules/.cache/tendril', import.meta.url),
  );
  const { directory } = nodeModule.enableCompileCache(folder);
  if (directory !== undefined) process.env.NODE_COMPILE_CACHE = folder;
}

function ownNode() {
  try {
    const folder = dirname(nodeModule.createRequire(import.meta.url).resolve('node/package.json'));
    const path = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    if (existsSync(path)) return path;
  } catch {
    // said below
  }
  process.stderr.write(
    `Tendril runs on Node 24 or newer; this is ${process.version}, and the Node that Tendril brings is not there.\nInstall Node 24, or allow the install script of the package "node" and install again.\n`,
  );
  process.exit(1);
}
