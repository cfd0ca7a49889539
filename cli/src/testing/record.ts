import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PluginSource } from '@tendril/engine';
import type { JsonObject } from '@tendril/plugin-api';
import type { Recorded } from '@tendril/testkit/conformance';
import { asObject } from '../authoring/author-folder.ts';
import type { AuthorFolder } from '../authoring/author-folder.ts';
import { CommandFault } from '../failure.ts';
import { parseJsonObject, readText } from '../input.ts';
import { askSettings } from '../operator/ask-settings.ts';
import { pluginsBeside } from './plugins-beside.ts';

/** What of the command line a recording is made by. */
export interface RecordFlags {
  readonly record: string;
  readonly input?: string | undefined;
  readonly kind?: string | undefined;
  readonly 'values-file'?: string | undefined;
  readonly name: string;
  readonly allow?: readonly string[] | undefined;
}

/** A recording that was written. */
export interface WrittenRecording extends Recorded {
  /** Path in the plugin's folder. */
  readonly file: string;
}

/**
 * Calls an action at a real account, and writes what was exchanged into the plugin's folder.
 *
 * @throws CommandFault when the recording is there already, or the connection is not known
 */
export async function recordCall(folder: AuthorFolder, source: PluginSource, flags: RecordFlags): Promise<WrittenRecording> {
  const action = flags.record;
  const file = `test/recordings/${action}/${flags.name}.json`;
  if (existsSync(join(folder.path, file)))
    throw new CommandFault(`${file} is there already. Delete it first, or choose another name with --name.`);
  const manifest = asObject(folder.manifest.json?.value);
  const declared = asObject(asObject(asObject(manifest['contributes'])['actions'])[action]);
  const connection = await connectionOf(manifest, declared['connection'], source, flags);
  const { recordAction } = await import('@tendril/testkit/conformance');
  const recorded = await recordAction({
    folder: folder.path,
    source,
    beside: await pluginsBeside(folder),
    action,
    input: (flags.input === undefined ? {} : readObject(flags.input)) as JsonObject,
    ...(connection === undefined ? {} : { connection }),
    ...(flags.allow === undefined ? {} : { allow: flags.allow }),
  });
  await mkdir(join(folder.path, 'test/recordings', action), { recursive: true });
  await writeFile(join(folder.path, file), `${JSON.stringify(recorded.recording, null, 2)}\n`);
  return { ...recorded, file };
}

async function connectionOf(
  manifest: Readonly<Record<string, unknown>>,
  wanted: unknown,
  source: PluginSource,
  { kind, 'values-file': file }: RecordFlags,
): Promise<{ readonly kind: string; readonly values: JsonObject } | undefined> {
  const kinds = (Array.isArray(wanted) ? wanted : wanted === undefined ? [] : [wanted]).map(String);
  const [only] = kinds;
  if (only === undefined) return undefined;
  if (kind === undefined && kinds.length > 1)
    throw new CommandFault(`The action takes several kinds of connection. Name one with --kind: ${kinds.join(', ')}.`);
  if (kind !== undefined && !kinds.includes(kind))
    throw new CommandFault(`The action takes no connection of kind ${kind}, but ${kinds.join(', ')}.`);
  const chosen = kind ?? only;
  if (file !== undefined) return { kind: chosen, values: readObject(file) as JsonObject };
  if (!process.stdin.isTTY) throw new CommandFault('The action needs a connection. Give its fields as a JSON file with --values-file.');
  const schema = asObject(asObject(asObject(manifest['connections'])[chosen])['schema']);
  const reference = schema['$ref'];
  const resolved = typeof reference === 'string' ? asObject(JSON.parse(await source.read(reference))) : schema;
  return { kind: chosen, values: await askSettings(resolved as JsonObject, {}) };
}

function readObject(file: string): Readonly<Record<string, unknown>> {
  return parseJsonObject(readText(file), file === '-' ? 'standard input' : file);
}
