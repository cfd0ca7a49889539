import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TENDRIL = fileURLToPath(new URL('../bin/tendril.mjs', import.meta.url));

/** The machine's own Node, behind the one that npm puts first. */
function machineNode(): string | undefined {
  const own = fileURLToPath(new URL('../../node_modules', import.meta.url));
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.startsWith(own));
  return folders.map((folder) => join(folder, 'node')).find((path) => existsSync(path));
}

describe('the tendril command', function () {
  this.timeout(30_000);

  it('begins on the machine’s own Node and goes on with the one that it brings', function () {
    const node = machineNode();
    // Without another Node there is nothing to begin on; `npm start` begins the same way.
    if (node === undefined) this.skip();
    const text = execFileSync(node, [TENDRIL, '--help'], { encoding: 'utf8' });
    assert.match(text, /pipelines/);
  });
});
