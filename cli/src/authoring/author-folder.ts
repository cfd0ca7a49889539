import { existsSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, normalize, resolve } from 'node:path';
import type { JsonObject } from '@tendril/plugin-api';
import { CommandFault } from '../failure.ts';
import { JsonSyntaxFault, readPlacedJson } from './json-places.ts';
import type { PlacedJson } from './json-places.ts';
import type { AuthorFault } from './faults.ts';

/** A file of JSON in a plugin's folder as far as it can be read. */
export interface JsonFile {
  /** Path in the folder. */
  readonly file: string;
  readonly text: string;
  /** Missing when it is not there or is not JSON, which is among `faults`. */
  readonly json?: PlacedJson;
  readonly faults: readonly AuthorFault[];
}

/** The folder of a plugin that is being written. */
export interface AuthorFolder {
  /** Absolute path. */
  readonly path: string;
  readonly manifest: JsonFile;
  readonly packageJson: JsonFile;
  /** The id of the manifest where it can be read; the folder's name otherwise. */
  readonly id: string;
}

/**
 * Reads manifest and package.json of a folder. What is wrong with them is told in them.
 *
 * @throws CommandFault when it is no folder, or holds neither file
 */
export function readAuthorFolder(folder: string): AuthorFolder {
  const path = resolve(folder);
  if (!existsSync(path)) throw new CommandFault(`There is no folder ${path}. \`tendril plugins create\` makes a plugin.`);
  if (!statSync(path).isDirectory()) throw new CommandFault(`${path} is a file. Name the folder of a plugin.`);
  if (!existsSync(join(path, 'plugin.json')) && !existsSync(join(path, 'package.json')))
    throw new CommandFault(`${path} holds no plugin: there is no plugin.json. \`tendril plugins create\` makes one.`);
  const manifest = readJsonFile(path, 'plugin.json');
  const { id } = asObject(manifest.json?.value);
  return {
    path,
    manifest,
    packageJson: readJsonFile(path, 'package.json'),
    id: typeof id === 'string' ? id : '',
  };
}

/** Reads a file of JSON in the folder, and tells where it is broken. */
export function readJsonFile(folder: string, file: string): JsonFile {
  let text: string;
  try {
    text = readFileSync(join(folder, file), 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const message = isMissing ? 'is missing' : `cannot be read: ${error instanceof Error ? error.message : 'unknown'}`;
    return { file, text: '', faults: [{ severity: 'fault', file, message }] };
  }
  try {
    const json = readPlacedJson(text);
    return {
      file,
      text,
      json,
      faults: json.repeated.map(({ pointer, place }) => ({
        severity: 'fault',
        file,
        ...place,
        pointer,
        message: 'stands twice in its object; the first value is lost',
        remedy: 'Take one of them out.',
      })),
    };
  } catch (error) {
    if (!(error instanceof JsonSyntaxFault)) throw error;
    return { file, text, faults: [{ severity: 'fault', file, ...error.place, message: `is not JSON: ${error.message}` }] };
  }
}

/** The plugin as the engine's checks take it. The folder may be called anything: what counts is what it is packed as. */
export function sourceOf(folder: AuthorFolder, load: () => Promise<{ readonly default?: unknown }>): PluginSourceParts {
  return {
    folder: folder.id,
    file: 'plugin.json',
    packageJson: asObject(folder.packageJson.json?.value) as JsonObject,
    manifest: folder.manifest.json?.value,
    read: (path) => readFile(join(folder.path, normalize(path)), 'utf8'),
    load,
  };
}

/** What the engine needs of a plugin's folder. */
export interface PluginSourceParts {
  readonly folder: string;
  readonly file: string;
  readonly packageJson: JsonObject;
  readonly manifest: unknown;
  readonly read: (path: string) => Promise<string>;
  readonly load: () => Promise<{ readonly default?: unknown }>;
}

/** The value when it is an object; an empty one otherwise. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}
