import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { JsonObject } from '@tendril/plugin-api';
import type { PluginSource } from '@tendril/engine/plugins';

/** A plugin's package as the host is handed it, from a folder: its sources where they are there, what is built otherwise. */
export function readSource(path: string): PluginSource {
  const packageJson = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as JsonObject;
  const manifest = readFileSync(join(path, 'plugin.json'), 'utf8');
  const entry = join(path, entryOf(path, packageJson));
  return {
    folder: idOf(manifest) ?? basename(path),
    file: join(path, 'plugin.json'),
    packageJson,
    manifest,
    read: (name) => readFile(join(path, name), 'utf8'),
    load: async () => (await import(pathToFileURL(entry).href)) as { readonly default?: unknown },
    location: { folder: path, entry },
  };
}

/** The folder may be called anything while it is written: what counts is what it is packed as. */
function idOf(manifest: string): string | undefined {
  try {
    const { id } = JSON.parse(manifest) as { readonly id?: unknown };
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}

function entryOf(path: string, { exports, main }: JsonObject): string {
  const root = isObject(exports) && '.' in exports ? exports['.'] : exports;
  const named = isObject(root) ? ['import', 'default'].map((condition) => root[condition]) : [root];
  const source = isObject(root) ? root['tendril-source'] : undefined;
  // What was built before is older than its sources.
  const candidates = [source, 'src/index.ts', ...named, main, 'dist/index.js'].filter((candidate) => typeof candidate === 'string');
  return candidates.find((candidate) => existsSync(join(path, candidate))) ?? candidates.at(-1) ?? 'dist/index.js';
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
