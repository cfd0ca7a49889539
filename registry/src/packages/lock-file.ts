import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import { validateLock, validateManifest } from '@tendril/schemas';
import type { LockFile, PinnedPlugin, PinnedVersion } from '@tendril/schemas';
import { LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';

/** Name of the lock in the data folder. */
export const LOCK_NAME = 'tendril.lock';

const EMPTY: LockFile = { lockVersion: 1, plugins: {} };

/** Something wrong with a lock. */
interface LockProblem {
  readonly pointer: string;
  readonly message: string;
}

/**
 * Reads `tendril.lock`; one without plugins where there is no file.
 *
 * @throws TendrilError LOCK_INVALID naming the file, the line and what is wrong
 * @throws the file system's error
 */
export async function readLock(file: string): Promise<LockFile> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY;
    throw error;
  }
  return parseLock(text, file);
}

/**
 * The lock that a text holds.
 *
 * @param file what to call it when it is none
 * @throws TendrilError LOCK_INVALID
 */
export function parseLock(text: string, file: string): LockFile {
  // JSON is a subset of YAML, whose parser knows lines and tells a plugin that is listed twice, as a merge may leave it.
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: 'json', uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) throw invalid(file, [{ line: lines.linePos(error.pos[0]).line, message: firstLine(error.message) }]);
  const value = parseJson(text, file);
  refuseNewer(value, file, lineOf(document, lines, '/lockVersion'));
  const problems = problemsOf(value);
  if (problems.length === 0) return value as LockFile;
  throw invalid(
    file,
    problems.map(({ pointer, message }) => ({ line: lineOf(document, lines, pointer), pointer, message })),
  );
}

/**
 * Replaces `tendril.lock` at once: whoever reads it sees the old one or the new one. Plugins stand in the order of their ids, so that two
 * installations with the same plugins have the same file.
 *
 * @throws TendrilError LOCK_INVALID when what is to be written is none
 */
export async function writeLock(file: string, lock: LockFile): Promise<void> {
  const text = lockText(lock);
  parseLock(text, file);
  const draft = join(dirname(file), `.${LOCK_NAME}-${randomBytes(6).toString('hex')}`);
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

/** The text of a lock: members in a fixed order. */
export function lockText({ lockVersion, plugins }: LockFile): string {
  const sorted = Object.entries(plugins).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `${JSON.stringify({ lockVersion, plugins: Object.fromEntries(sorted.map(([id, plugin]) => [id, ordered(plugin)])) }, null, 2)}\n`;
}

/** A lock with one plugin set, or without it. */
export function withPlugin(lock: LockFile, id: string, plugin: PinnedPlugin | undefined): LockFile {
  const { [id]: _former, ...others } = lock.plugins;
  return { lockVersion: 1, plugins: plugin === undefined ? others : { ...others, [id]: plugin } };
}

/** What `previous` keeps of a plugin; `undefined` for a linked folder, which has no version to go back to. */
export function toPrevious({
  version,
  source,
  integrity,
  files,
  manifest,
  grants,
  isTrusted,
  provenance,
}: PinnedPlugin): PinnedVersion | undefined {
  if (integrity === undefined || files === undefined) return undefined;
  return {
    version,
    source,
    integrity,
    files,
    manifest,
    grants,
    ...(isTrusted === undefined ? {} : { isTrusted }),
    ...(provenance === undefined ? {} : { provenance }),
  };
}

function ordered(plugin: PinnedPlugin): object {
  const { version, source, integrity, files, manifest, grants, isTrusted, provenance, previous } = plugin;
  const { kind, ...origin } = source;
  return {
    version,
    source: { kind, ...origin },
    integrity,
    files,
    manifest,
    grants: inOrder(grants),
    isTrusted,
    provenance,
    previous: previous === undefined ? undefined : ordered(previous),
  };
}

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const members = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, inOrder(member)]));
}

/** Of one that a later Tendril wrote nothing is known, and nothing in it is to be mended. */
function refuseNewer(value: unknown, file: string, line: number): void {
  const found = typeof value === 'object' && value !== null && 'lockVersion' in value ? value.lockVersion : undefined;
  if (typeof found !== 'number' || found <= EMPTY.lockVersion) return;
  throw new TendrilError('LOCK_INVALID', {
    file,
    problems: [
      {
        pointer: '/lockVersion',
        message: `line ${String(line)}: is ${String(found)}; a newer Tendril wrote it, this one knows ${String(EMPTY.lockVersion)}`,
      },
    ],
    remedy: 'use the Tendril that wrote it, or a later one; or take the lock from before it',
  });
}

function problemsOf(value: unknown): readonly LockProblem[] {
  if (!validateLock(value)) {
    const errors = validateLock.errors ?? [];
    const known = errors.filter(({ keyword }) => keyword !== 'if' && keyword !== 'oneOf');
    return (known.length > 0 ? known : errors).map(({ instancePath, message = 'is not valid', params }) => ({
      pointer: instancePath,
      message: `${message}${'additionalProperty' in params ? `: ${String(params['additionalProperty'])}` : ''}`,
    }));
  }
  return Object.entries((value as LockFile).plugins).flatMap(([id, plugin]) => [
    ...grantProblems(plugin.grants, `/plugins/${id}/grants`),
    ...(plugin.previous === undefined ? [] : grantProblems(plugin.previous.grants, `/plugins/${id}/previous/grants`)),
  ]);
}

/** Problems of what is said in the words of a manifest's `permissions`; their one description is the manifest's schema. */
export function grantProblems(grants: unknown, pointer = ''): readonly LockProblem[] {
  if (validateManifest({ id: 'any', title: 'Any', engines: { tendril: '*' }, contributes: {}, permissions: grants })) return [];
  return (validateManifest.errors ?? [])
    .filter(({ keyword }) => keyword !== 'if')
    .map(({ instancePath, message = 'is not valid', params }) => ({
      pointer: `${pointer}${instancePath.replace(/^\/permissions/, '')}`,
      message: `${message}${'additionalProperty' in params ? `: ${String(params['additionalProperty'])}` : ''}`,
    }));
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as JsonObject;
  } catch (error) {
    throw invalid(file, [{ line: 1, message: `is not JSON: ${error instanceof Error ? error.message : 'it does not parse'}` }]);
  }
}

function lineOf(document: Document, lines: LineCounter, pointer: string): number {
  const path = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node: unknown = document.getIn(path.slice(0, depth), true);
    const range =
      typeof node === 'object' && node !== null && 'range' in node ? (node.range as readonly number[] | null | undefined) : undefined;
    if (range?.[0] !== undefined) return lines.linePos(range[0]).line;
  }
  return 1;
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? message;
}

function invalid(
  file: string,
  problems: readonly { readonly line: number; readonly pointer?: string; readonly message: string }[],
): TendrilError {
  return new TendrilError('LOCK_INVALID', {
    file,
    problems: problems.map(({ line, pointer, message }) => ({
      ...(pointer === undefined ? {} : { pointer }),
      message: `line ${String(line)}: ${message}`,
    })),
    remedy: 'mend it, or take it from a backup or from version control; `tendril plugins install` writes it',
  });
}
