import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { mustBeEmpty, packageFiles, valuesOf, writePlugin } from './create-plugin.ts';
import type { CreatedPlugin, NewPlugin } from './create-plugin.ts';
import { parseOpenApi } from './openapi/description-document.ts';
import { listOperations, manifestFromOpenApi } from './openapi/manifest-from-openapi.ts';
import { recordingsFromOpenApi } from './openapi/recordings-from-openapi.ts';
import type { ListedOperation } from './openapi/manifest-from-openapi.ts';

/** As the recordings of the other templates name it. */
const RECORDING_SCHEMA = '../../../node_modules/@tendril/schemas/schema/recording.schema.json';

/** What a declarative connector is made of, beside what every plugin has. */
export interface OpenApiPlugin extends Omit<NewPlugin, 'kind'> {
  /** The vendor's description, JSON or YAML. */
  readonly file: string;
  /** Which operations become actions; all without it. */
  readonly operations?: readonly string[];
}

/** What was made of a description. */
export interface CreatedFromOpenApi extends CreatedPlugin {
  /** Ids of the actions. */
  readonly actions: readonly string[];
  /** How much was guessed; REVIEW.md lists it. */
  readonly guesses: number;
}

/**
 * The operations that a file with a description offers.
 *
 * @throws CannotCreate when it is no such description; the file system's error
 */
export async function readOperationsOf(file: string): Promise<readonly ListedOperation[]> {
  return listOperations(parseOpenApi(await readFile(file, 'utf8')));
}

/**
 * Makes the package of a declarative connector from a vendor's description, with REVIEW.md for what was guessed and a recording
 * of each action from the description's examples. Fetches nothing.
 *
 * @throws CannotCreate when the description, the id or the folder will not do; the file system's error, which names the path
 */
export async function createFromOpenApi(plugin: OpenApiPlugin): Promise<CreatedFromOpenApi> {
  const { file, operations, id, title } = plugin;
  const fileName = basename(file);
  // An id that will not do is told before a large file is read.
  valuesOf({ ...plugin, kind: 'declarative' });
  const dir = resolve(plugin.dir);
  await mustBeEmpty(dir);
  const description = parseOpenApi(await readFile(file, 'utf8'));
  const wanted = {
    id,
    fileName,
    ...(title === undefined ? {} : { title }),
    ...(operations === undefined ? {} : { operations }),
  };
  const { manifest, review, guesses, actions } = manifestFromOpenApi(description, wanted);
  const recordings = recordingsFromOpenApi(description, wanted);
  const known = typeof manifest['title'] === 'string' ? { title: manifest['title'] } : {};
  const values = {
    ...valuesOf({ ...plugin, ...known, kind: 'declarative' }),
    source: fileName,
    action: `${id}.${actions[0]?.id ?? 'action'}`,
    actions: actions.map((action) => `- \`${id}.${action.id}\``).join('\n'),
  };
  const files = new Map([
    ...(await packageFiles(['every', 'no-code', 'openapi'], values)),
    [
      'plugin.json',
      `${JSON.stringify({ $schema: './node_modules/@tendril/schemas/schema/plugin.schema.json', ...manifest }, undefined, 2)}\n`,
    ],
    ['REVIEW.md', review],
    ...recordings.map(
      ({ path, recording }) => [path, `${JSON.stringify({ $schema: RECORDING_SCHEMA, ...recording }, undefined, 2)}\n`] as const,
    ),
  ] as const);
  return {
    ...(await writePlugin(dir, files)),
    packageName: values.packageName,
    actions: actions.map((action) => action.id),
    guesses: guesses.length,
  };
}
