import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** Where a plugin's own tests are, inside its folder. */
export const OWN_TESTS = 'test/**/*.test.{ts,mts,js,mjs}';

/** What came of a plugin's own tests. */
export interface OwnTests {
  readonly files: readonly string[];
  readonly isPassed: boolean;
}

/**
 * Runs the tests that a plugin's author wrote for Node's own test runner, with this program's copies of the contract and the
 * test kit. Tests for other runners are left to those.
 *
 * @param output what the runner says
 */
export async function runOwnTests(folder: string, output: NodeJS.WritableStream): Promise<OwnTests> {
  const files: string[] = [];
  for await (const file of glob(OWN_TESTS, { cwd: folder })) if (isForNode(join(folder, file))) files.push(file);
  if (files.length === 0) return { files, isPassed: true };
  const register = new URL(`../authoring/register-own-packages${extname(import.meta.url)}`, import.meta.url).href;
  const words = [...process.execArgv, '--import', register, '--test', '--test-reporter=spec', ...files.toSorted()];
  // A test run inside of another one would report to that one.
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const child = spawn(process.execPath, words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: environment });
  for (const stream of [child.stdout, child.stderr]) stream.pipe(output, { end: false });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { files, isPassed: code === 0 };
}

function isForNode(file: string): boolean {
  return /['"]node:test['"]/.test(readFileSync(file, 'utf8'));
}
