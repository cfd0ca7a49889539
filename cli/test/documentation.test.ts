import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commands } from '../src/commands/index.ts';

const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
const names = Object.keys(commands).map((id) => id.replaceAll(':', ' '));

/** Variables that are no settings: what the command hands to programs that it starts or sets up, and what tests kill it by. */
const NOT_SETTINGS = new Set(['TENDRIL_APP', 'TENDRIL_DEMO', 'TENDRIL_FAULT_POINT']);

function variablesOf(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/\bTENDRIL_[A-Z_]*[A-Z]\b/g)].map(([name]) => name));
}

function sources(): readonly string[] {
  const folder = fileURLToPath(new URL('../src', import.meta.url));
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join(folder, path), 'utf8'));
}

/** The commands that a row is about: all that its first cell names. */
function commandsOf(row: string): readonly (keyof typeof commands)[] {
  const cell = row.split(' | ')[0] ?? '';
  const ids = Object.keys(commands) as (keyof typeof commands)[];
  return ids.filter((id) => new RegExp(`\`${id.replaceAll(':', ' ')}[ \`]`).test(cell));
}

describe('docs/cli.md', () => {
  it('names every command', () => {
    const missing = names.filter((name) => !page.includes(`\`${name}\``));
    assert.deepEqual(missing, []);
  });

  it('names every variable that the command reads, and no other', () => {
    const read = variablesOf(sources().join('\n'));
    const told = variablesOf(page);
    assert.deepEqual([...read].filter((name) => !told.has(name) && !NOT_SETTINGS.has(name)).toSorted(), []);
    assert.deepEqual([...told].filter((name) => !read.has(name)).toSorted(), []);
  });

  it('tells of flags that the commands of the row have', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| `') && commandsOf(line).length > 0);
    assert.ok(rows.length > 30, 'the rows were not found');
    const unknown = rows.flatMap((row) => {
      const known = new Set(commandsOf(row).flatMap((id) => Object.keys(commands[id].flags ?? {})));
      const told = [...row.matchAll(/`[^`]*?--([a-z-]+)/g)].map((match) => match[1] ?? '');
      return told.filter((flag) => !known.has(flag)).map((flag) => `--${flag} in ${row.split(' | ')[0] ?? ''}`);
    });
    assert.deepEqual(unknown, []);
  });
});
