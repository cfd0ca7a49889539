import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { commands } from '../src/commands/index.ts';

describe('docs/cli.md', () => {
  it('names every command', () => {
    const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
    const missing = Object.keys(commands)
      .map((id) => id.replaceAll(':', ' '))
      .filter((name) => !page.includes(`\`${name}\``));
    assert.deepEqual(missing, []);
  });
});
