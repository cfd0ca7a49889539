import assert from 'node:assert/strict';
import { readFile, readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brokenLinks, headingAnchors, linksOf } from '../support/markdown-links.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Folders without pages of ours: what is installed, built, taken over from elsewhere, or filled in before anybody reads it. */
const LEFT_OUT = new Set(['node_modules', 'dist', 'coverage', 'core/engine/test/expressions/cel-conformance/testdata', 'templates/files']);

async function pagesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry): Promise<readonly string[]> => {
      const path = join(folder, entry.name);
      if (entry.isDirectory())
        return LEFT_OUT.has(entry.name) || LEFT_OUT.has(relative(root, path)) || entry.name.startsWith('.') ? [] : await pagesBelow(path);
      return entry.name.endsWith('.md') ? [path] : [];
    }),
  );
  return found.flat().sort();
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch {
    return undefined;
  }
}

describe('links between pages', () => {
  it('lead to files and headings that are there', async () => {
    const pages = await pagesBelow(root);
    const faults: string[] = [];
    for (const page of pages) {
      const broken = await brokenLinks(await readFile(page, 'utf8'), {
        kindOf: (target) => kindOf(resolve(dirname(page), target)),
        read: (target) => (target === '' ? readFile(page, 'utf8') : readFile(resolve(dirname(page), target), 'utf8')),
      });
      faults.push(...broken.map((fault) => `${relative(root, page)}:${String(fault.line)} ${fault.target}: ${fault.reason}`));
    }
    assert.ok(pages.length > 20, 'the pages were not found');
    assert.deepEqual(faults, []);
  }).timeout(30_000);

  it('are told apart from code', () => {
    const page = ['[a](a.md) and ![b](b.png "B")', '`[no](code.md)`', '```', '[no](block.md)', '```', '[c]: c.md#there'].join('\n');
    assert.deepEqual(
      linksOf(page).map(({ target, line }) => [target, line]),
      [
        ['a.md', 1],
        ['b.png', 1],
        ['c.md#there', 6],
      ],
    );
  });

  it('to headings use the anchors that a reader of Markdown makes', () => {
    const page = [
      '# The `tendril` command',
      '## Output',
      '## Output',
      '```',
      '# no heading',
      '```',
      '## What is *left*, and [why](x.md)',
    ].join('\n');
    assert.deepEqual([...headingAnchors(page)], ['the-tendril-command', 'output', 'output-1', 'what-is-left-and-why']);
  });

  it('that lead nowhere are told', async () => {
    const reader = {
      kindOf: (path: string) => Promise.resolve(path === 'there.md' ? ('file' as const) : undefined),
      read: () => Promise.resolve('# Here\n'),
    };
    const page = '[1](there.md#here) [2](there.md#nowhere) [3](gone.md) [4](https://example.org/x) [5](#here) [6](/abs.md)';
    const broken = await brokenLinks(page, reader);
    assert.deepEqual(
      broken.map(({ target }) => target),
      ['there.md#nowhere', 'gone.md', '/abs.md'],
    );
  });
});
