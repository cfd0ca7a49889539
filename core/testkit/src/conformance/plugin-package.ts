import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { validateRecording } from '@tendril/schemas';
import type { Manifest, Recording } from '@tendril/schemas';
import { examinePlugin, toPointer } from '@tendril/engine/plugins';
import type { CheckedPlugin, PluginSource } from '@tendril/engine/plugins';
import type { Finding } from './contract.ts';
import { readSource } from './read-source.ts';

/** Where recordings are, inside a package. */
export const RECORDINGS = 'test/recordings';

/** A recording with where it is. */
export interface RecordedCase {
  /** `happy` of `happy.json`. */
  readonly name: string;
  /** Path inside the package. */
  readonly file: string;
  readonly recording: Recording & { readonly action: string };
}

/** A recorded poll of a trigger. */
export interface RecordedPoll extends Pick<RecordedCase, 'name' | 'file'> {
  readonly recording: Recording & { readonly trigger: string };
}

/** A plugin's package as the checks see it. */
export interface PluginPackage {
  readonly folder: string;
  readonly source: PluginSource;
  /** Missing when the manifest is not sound. */
  readonly plugin: CheckedPlugin | undefined;
  /** What is wrong with manifest and code. */
  readonly faults: readonly Finding[];
  /** Sound ones, by action. */
  readonly recordings: ReadonlyMap<string, readonly RecordedCase[]>;
  readonly polls: readonly RecordedPoll[];
  readonly recordingFaults: readonly Finding[];
  has(file: string): boolean;
}

/** Reads a package and examines it; runs the plugin's `setup` where its code may run in this process. */
export async function readPackage(folder: string, source: PluginSource = readSource(folder)): Promise<PluginPackage> {
  const examined = await examinePlugin(source);
  const faults = examined.faults.map(({ pointer, message, suggestion }): Finding => ({
    file: 'plugin.json',
    pointer,
    message,
    ...(suggestion !== undefined && { mend: suggestion }),
  }));
  const { recordings, polls, recordingFaults } = await readRecordings(folder, examined.plugin?.manifest.contributes ?? {});
  return {
    folder,
    source,
    plugin: faults.length === 0 ? examined.plugin : undefined,
    faults,
    recordings,
    polls,
    recordingFaults,
    has: (file) => existsSync(join(folder, file)),
  };
}

async function readRecordings(
  folder: string,
  contributes: Contributed,
): Promise<Pick<PluginPackage, 'recordings' | 'polls' | 'recordingFaults'>> {
  const recordings = new Map<string, RecordedCase[]>();
  const polls: RecordedPoll[] = [];
  const recordingFaults: Finding[] = [];
  for (const file of await recordingFiles(folder)) {
    const parsed = parse(await readFile(join(folder, file), 'utf8'));
    if ('problem' in parsed || !validateRecording(parsed.value)) {
      recordingFaults.push(...('problem' in parsed ? [{ file, message: parsed.problem }] : problemsOf(file)));
      continue;
    }
    const recording = parsed.value as Recording;
    const [id = ''] = file.slice(RECORDINGS.length + 1).split('/');
    const placeProblem = misplaced(recording, id, contributes);
    if (placeProblem !== undefined) {
      recordingFaults.push({ file, ...placeProblem });
      continue;
    }
    const name = (file.split('/').at(-1) ?? '').replace(/\.json$/, '');
    if (recording.trigger !== undefined) polls.push({ name, file, recording: { ...recording, trigger: id } });
    else recordings.set(id, [...(recordings.get(id) ?? []), { name, file, recording: { ...recording, action: id } }]);
  }
  return { recordings, polls, recordingFaults };
}

async function recordingFiles(folder: string): Promise<readonly string[]> {
  if (!existsSync(join(folder, RECORDINGS))) return [];
  const found = await readdir(join(folder, RECORDINGS), { recursive: true });
  return found
    .filter((file) => file.endsWith('.json'))
    .map((file) => `${RECORDINGS}/${file.replaceAll('\\', '/')}`)
    .toSorted();
}

function parse(text: string): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { problem: `is not JSON: ${error instanceof Error ? error.message : 'it does not parse'}` };
  }
}

function problemsOf(file: string): readonly Finding[] {
  const errors = validateRecording.errors ?? [];
  const telling = errors.filter(({ keyword }) => keyword !== 'if');
  return telling.map(({ instancePath, message = 'does not match the schema', params }) => {
    const extra = params['additionalProperty'];
    return typeof extra === 'string'
      ? { file, pointer: `${instancePath}${toPointer(extra)}`, message: 'is not allowed here' }
      : { file, pointer: instancePath, message, mend: 'docs/reference/recording.md tells what a recording holds' };
  });
}

type Contributed = Pick<Manifest['contributes'], 'actions' | 'triggers'>;

function misplaced(
  { action, trigger }: Recording,
  folder: string,
  { actions = {}, triggers = {} }: Contributed,
): Omit<Finding, 'file'> | undefined {
  if (action === undefined && trigger === undefined)
    return { message: 'names neither an action nor a trigger', mend: `write \`"action": "${folder}"\`` };
  const [kind, id, known] =
    trigger === undefined ? (['action', action ?? '', actions] as const) : (['trigger', trigger, triggers] as const);
  const pointer = `/${kind}`;
  if (!Object.hasOwn(known, id))
    return {
      pointer,
      message: `the manifest has no ${kind} ${id}`,
      mend: `name one of ${Object.keys(known).join(', ')}, or delete the recording`,
    };
  if (id !== folder) return { pointer, message: `lies in the folder of ${folder}`, mend: `move it to ${RECORDINGS}/${id}/` };
  return undefined;
}
