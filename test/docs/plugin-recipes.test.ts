import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { readAuthorFolder } from '../../cli/src/authoring/author-folder.ts';
import { checkFolder } from '../../cli/src/authoring/check-folder.ts';
import { extractFiles } from '../support/extract-files.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const recipes = join(root, 'docs/plugins/recipes');

describe('recipes for plugins', function () {
  this.timeout(120_000);
  // Inside the repository, so that the compiler finds the contract as an author's would.
  const scratch = mkdtempSync(join(root, 'node_modules/.tendril-recipes-'));
  after(() => rmSync(scratch, { recursive: true, force: true }));

  for (const name of readdirSync(recipes).filter((file) => file.endsWith('.md'))) {
    describe(name, () => {
      const folder = join(scratch, name.replace('.md', ''));
      before(() => {
        const files = extractFiles(readFileSync(join(recipes, name), 'utf8'));
        assert.ok(files.length >= 2, 'the recipe holds a manifest and code');
        const { id } = JSON.parse(files.find(({ path }) => path === 'plugin.json')?.text ?? '{}') as { readonly id?: string };
        const packageJson = {
          name: `tendril-plugin-${id ?? ''}`,
          version: '0.1.0',
          description: 'A recipe.',
          license: 'Apache-2.0',
          type: 'module',
          exports: { '.': './src/index.ts' },
          peerDependencies: { '@tendril/plugin-api': '^0.1.0' },
        };
        for (const { path, text } of [...files, { path: 'package.json', text: JSON.stringify(packageJson) }]) {
          mkdirSync(dirname(join(folder, path)), { recursive: true });
          writeFileSync(join(folder, path), text);
        }
      });

      it('has a sound manifest, and code that implements exactly that', async () => {
        const { faults } = await checkFolder(readAuthorFolder(folder), { isRun: true });
        assert.deepEqual(
          faults.filter(({ severity }) => severity === 'fault'),
          [],
        );
      });
    });
  }

  // In a suite of its own: those of a suite run before the suites in it, which write the files.
  describe('the code of all of them', () => {
    it('compiles under strict rules', () => {
      const names = readdirSync(scratch);
      assert.ok(names.length >= 5);
      const program = ts.createProgram(
        names.map((name) => join(scratch, name, 'src/index.ts')),
        {
          strict: true,
          noUncheckedIndexedAccess: true,
          exactOptionalPropertyTypes: true,
          noEmit: true,
          module: ts.ModuleKind.NodeNext,
          target: ts.ScriptTarget.ES2024,
          lib: ['lib.es2024.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
          types: ['node'],
          typeRoots: [join(root, 'node_modules/@types')],
          customConditions: ['tendril-source'],
          allowImportingTsExtensions: true,
          skipLibCheck: true,
        },
      );
      const messages = ts.getPreEmitDiagnostics(program).map(({ messageText, file, start }) => {
        const line = file === undefined || start === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
        return `${file?.fileName.split('/').slice(-3).join('/') ?? ''}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      });
      assert.deepEqual(messages, []);
    });
  });
});
