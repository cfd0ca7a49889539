import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeTurn } from '../src/operator/take-turn.ts';

/** Writes into a file that is there already, after a moment, as a process that was just about to. */
const WRITE_LATER = `setTimeout(() => require('node:fs').writeFileSync(process.argv[1], process.argv[2]), 100); console.log('ready')`;

describe('taking turns', function () {
  this.timeout(20_000);
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tendril-turn-'));
    file = join(folder, 'busy');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('is one at a time, and leaves nothing', () => {
    const release = takeTurn(file);
    assert.equal(readFileSync(file, 'utf8'), String(process.pid));
    assert.throws(() => takeTurn(file), { code: 'BUSY' });
    release();
    takeTurn(file)();
    assert.deepEqual(readdirSync(folder), []);
  });

  for (const left of ['999999999', 'nonsense', ''])
    it(`takes over what one that died left: ${JSON.stringify(left)}`, () => {
      writeFileSync(file, left);
      const release = takeTurn(file);
      assert.equal(readFileSync(file, 'utf8'), String(process.pid));
      release();
      assert.deepEqual(readdirSync(folder), []);
    });

  it('does not take it from one that has made the file and is about to say whose it is', async () => {
    writeFileSync(file, '');
    const other = spawn(process.execPath, ['-e', WRITE_LATER, file, String(process.pid)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(other, 'close');
    await once(other.stdout, 'data');
    assert.throws(() => takeTurn(file), { code: 'BUSY' });
    await ended;
    assert.ok(existsSync(file));
  });
});
