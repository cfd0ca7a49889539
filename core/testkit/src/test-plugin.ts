import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { JsonObject } from '@tendril/plugin-api';
import { examinePlugin } from '@tendril/engine/plugins';
import type { PluginSource } from '@tendril/engine/plugins';

/**
 * The conformance suite of a plugin, to be called at the top of a test file: the manifest is sound, its schemas compile
 * and its examples match them, the code implements exactly what is declared, and a README is there.
 *
 * @param folder of the package, `new URL('..', import.meta.url)`
 */
export function testPlugin(folder: string | URL): void {
  const path = (folder instanceof URL ? fileURLToPath(folder) : folder).replace(/\/$/, '');

  describe(`plugin ${basename(path)}`, () => {
    it('has a sound manifest and implements exactly what it declares', async () => {
      const { faults } = await examinePlugin(readSource(path));
      assert.deepEqual(
        faults.map(({ pointer, message, suggestion }) => `${pointer} ${message}${suggestion === undefined ? '' : ` (${suggestion})`}`),
        [],
      );
    });

    it('describes every action', () => {
      const { contributes } = readJson(join(path, 'plugin.json')) as {
        readonly contributes: { readonly actions?: Readonly<Record<string, JsonObject>> };
      };
      const undescribed = Object.entries(contributes.actions ?? {})
        .filter(([, action]) => typeof action['description'] !== 'string')
        .map(([id]) => id);
      assert.deepEqual(undescribed, [], 'actions without a description');
    });

    it('has a README', () => {
      assert.ok(existsSync(join(path, 'README.md')), 'README.md is missing');
    });
  });
}

/** A plugin's package as the host is handed it, from a folder with sources. */
export function readSource(path: string): PluginSource {
  const packageJson = readJson(join(path, 'package.json'));
  return {
    folder: basename(path),
    file: join(path, 'plugin.json'),
    packageJson,
    manifest: readFileSync(join(path, 'plugin.json'), 'utf8'),
    read: (name) => readFile(join(path, name), 'utf8'),
    load: async () => (await import(pathToFileURL(join(path, entryOf(packageJson))).href)) as { readonly default?: unknown },
  };
}

/** Sources where they are there, as in a clone; what is built otherwise. */
function entryOf(packageJson: JsonObject): string {
  const exported = packageJson['exports'] as
    { readonly '.'?: { readonly 'tendril-source'?: string; readonly default?: string } } | undefined;
  const entry = exported?.['.'];
  const runsSources = process.execArgv.some((argument) => argument.includes('tendril-source'));
  return (runsSources ? entry?.['tendril-source'] : undefined) ?? entry?.default ?? 'dist/index.js';
}

function readJson(path: string): JsonObject {
  return JSON.parse(readFileSync(path, 'utf8')) as JsonObject;
}
