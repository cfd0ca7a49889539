import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { CATALOGUE } from '@tendril/plugin-api';

const root = new URL('../../', import.meta.url);

const pageOf = (name: string) => readFile(new URL(`docs/reference/${name}.md`, root), 'utf8');

/** Schemas whose page has a name that readers look for. */
const PAGE_NAMES: Readonly<Record<string, string>> = { plugin: 'manifest' };

interface Schema {
  readonly properties?: object;
  readonly $defs?: object;
}

describe('docs/reference', () => {
  it('has a page for each JSON Schema, with every field and definition', async () => {
    const files = (await readdir(new URL('core/schemas/schema/', root))).filter((file) => file.endsWith('.schema.json'));
    assert.ok(files.length > 0);
    for (const file of files) {
      const name = file.replace('.schema.json', '');
      const schema = JSON.parse(await readFile(new URL(`core/schemas/schema/${file}`, root), 'utf8')) as Schema;
      const page = await pageOf(PAGE_NAMES[name] ?? name);
      for (const field of Object.keys(schema.properties ?? {})) assert.ok(page.includes(`| \`${field}\``), `${name}: ${field}`);
      for (const definition of Object.keys(schema.$defs ?? {})) assert.ok(page.includes(`## ${definition}\n`), `${name}: ${definition}`);
    }
  });

  it('tells every code of an error, and no other', async () => {
    const told = [...(await pageOf('errors')).matchAll(/^\| `([A-Z_]+)` \|/gm)].map((match) => match[1]);
    assert.deepEqual(told, Object.keys(CATALOGUE));
  });
});
