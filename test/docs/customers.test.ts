import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeCall } from '@tendril/testkit';
import { commands } from '../../cli/src/commands/index.ts';
import { readDefinitions } from '../../cli/src/customers/definition-file.ts';
import { placeSave } from '../../plugins/profiles/src/decide/place-actions.ts';
import type { PlaceSchema } from '../../plugins/profiles/src/gen/manifest.gen.ts';
import { CONDITION } from '../../plugins/profiles/src/segments/functions.ts';

const page = readFileSync(new URL('../../docs/customers.md', import.meta.url), 'utf8');
const { contributes } = JSON.parse(readFileSync(new URL('../../plugins/profiles/plugin.json', import.meta.url), 'utf8'));

function blocks(kind: string): readonly string[] {
  return [...page.matchAll(new RegExp(`\`\`\`${kind}\\n([^]*?)\`\`\``, 'g'))].map(([, text = '']) => text);
}

describe('docs/customers.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tendril-docs-'));
  after(() => rmSync(folder, { recursive: true }));
  const definitions = (text: string): ReturnType<typeof readDefinitions> => {
    const file = join(folder, 'file.yaml');
    writeFileSync(file, text);
    return readDefinitions(file);
  };

  it('shows commands that there are, with flags that they have', () => {
    const lines = blocks('sh').flatMap((block) => block.split('\n').filter((line) => line.startsWith('tendril ')));
    assert.ok(lines.length > 15);
    for (const line of lines) {
      const words = line.split(' ').slice(1);
      const ids = words.map((_, index) => words.slice(0, index + 1).join(':'));
      const command = Object.entries(commands).find(([id]) => id.includes(':') && ids.includes(id))?.[1];
      assert.ok(command !== undefined, line);
      for (const [, flag = ''] of line.matchAll(/ --([a-z-]+)/g)) assert.ok(Object.hasOwn(command.flags ?? {}, flag), line);
    }
  });

  it('shows a place that can be saved', async () => {
    const [text = ''] = blocks('yaml place');
    const call = fakeCall({ tables: contributes.tables });
    const [place] = definitions(text);
    const saved = await placeSave({ place: place as unknown as PlaceSchema }, call);
    assert.deepEqual([saved.id, saved.candidates], ['home_hero', 2]);
  });

  it('shows conditions that compile', () => {
    const { expressions } = fakeCall();
    const [text = ''] = blocks('yaml segments');
    const inFile = definitions(text).map(({ condition }) => String(condition));
    const onLines = [...page.matchAll(/^tendril segments (?:preview|save \w+) '(.*)'$/gm)].map(([, condition = '']) => condition);
    assert.deepEqual([inFile.length, onLines.length], [2, 2]);
    for (const condition of [...inFile, ...onLines]) expressions.compile(condition, CONDITION);
  });
});
