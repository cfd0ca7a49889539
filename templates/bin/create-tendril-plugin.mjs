#!/usr/bin/env node
// Published, it runs on the machine's Node from 20 on. In the repository the project's Node runs the sources.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CONDITION = '--conditions=tendril-source';
const runsSources = existsSync(new URL('../src/main.ts', import.meta.url));

if (!runsSources || process.execArgv.includes(CONDITION)) {
  const { main } = await import(new URL(runsSources ? '../src/main.ts' : '../dist/main.js', import.meta.url).href);
  process.exitCode = await main(process.argv.slice(2));
} else {
  const node = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin/node');
  const flags = ['--disable-warning=ExperimentalWarning', CONDITION];
  const { status } = spawnSync(node, [...flags, fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
