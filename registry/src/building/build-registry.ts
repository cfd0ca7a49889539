import { copyFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { TendrilError } from '@tendril/plugin-api';
import type { RegistryEntry, RegistryIndex, RegistryIndexContent, RegistryRoot } from '@tendril/schemas';
import { readEnvelope } from '../client/read-signed.ts';
import { verifyIndex } from '../client/verify-index.ts';
import type { SigningKey } from '../signing/keys.ts';
import { signStatement } from '../signing/sign.ts';
import type { CheckedRegistry } from './check-registry.ts';

/** What an index is made of. */
export interface IndexPlan {
  readonly checked: Pick<CheckedRegistry, 'entries' | 'revocations' | 'roots'>;
  /** As many of the root's index keys as its threshold asks for. */
  readonly keys: readonly SigningKey[];
  /** The index published before. */
  readonly previousSequence?: number | undefined;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/**
 * Makes the index of a registry and signs it. Its sequence is one more than before, or the seconds since 1970 when that is higher:
 * so it grows also where nobody kept the index before.
 *
 * @throws TendrilError INPUT_INVALID when there is no root
 * @throws TendrilError REGISTRY_UNTRUSTED when the keys are not enough for the root
 */
export function buildIndex({ checked, keys, previousSequence = 0, createdAt, expiresAt }: IndexPlan): RegistryIndex {
  const root = checked.roots.at(-1);
  if (root === undefined)
    throw new TendrilError('INPUT_INVALID', {
      file: '1.root.json',
      expected: 'a root; `tendril registry root DIR --name NAME --key FILE` makes one',
    });
  const signed: RegistryIndexContent = {
    type: 'index',
    formatVersion: 1,
    registry: root.signed.registry,
    sequence: Math.max(previousSequence + 1, Math.floor(createdAt.getTime() / 1000)),
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    plugins: Object.fromEntries([...checked.entries].map(([id, entry]) => [id, withoutSchema(entry)])),
    revocations: [...checked.revocations],
  };
  const [first, ...others] = keys.map((key) => signStatement(signed, key));
  if (first === undefined) throw new TendrilError('INPUT_INVALID', { expected: 'at least one key to sign the index with' });
  const index: RegistryIndex = { signed, signatures: [first, ...others] };
  // What clients would refuse is not published.
  verifyIndex(textOf(index), { root, now: createdAt.getTime() });
  return index;
}

/**
 * Writes the files of a registry. Packages and roots first, the index last and at once: whoever reads meanwhile finds the old
 * registry or the new one, each complete.
 *
 * @param folder where the packages lie; may be the same as `out`
 */
export async function writeRegistry(folder: string, out: string, index: RegistryIndex, roots: readonly RegistryRoot[]): Promise<void> {
  await mkdir(out, { recursive: true });
  if (resolve(folder) !== resolve(out)) await copyPackages(folder, out, index);
  for (const root of roots) await replace(join(out, `${root.signed.version}.root.json`), textOf(root));
  const newest = roots.at(-1);
  if (newest !== undefined) await replace(join(out, 'root.json'), textOf(newest));
  await replace(join(out, 'index.json'), textOf(index));
}

/** The sequence of an index, verified or not; `undefined` when there is none. */
export function sequenceOf(bytes: Uint8Array): number | undefined {
  try {
    const { sequence } = readEnvelope(bytes, 'index.json').signed;
    return typeof sequence === 'number' && Number.isSafeInteger(sequence) ? sequence : undefined;
  } catch {
    return undefined;
  }
}

async function copyPackages(folder: string, out: string, { signed }: RegistryIndex): Promise<void> {
  for (const [id, { versions }] of Object.entries(signed.plugins)) {
    for (const { tarball } of versions) {
      if (tarball === undefined) continue;
      const path = join('plugins', id, tarball);
      await mkdir(dirname(join(out, path)), { recursive: true });
      await copyFile(join(folder, path), join(out, path));
    }
  }
}

async function replace(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.new`;
  await writeFile(draft, bytes);
  await rename(draft, path);
}

function textOf(file: RegistryIndex | RegistryRoot): Buffer {
  return Buffer.from(`${JSON.stringify(file)}\n`);
}

function withoutSchema({ $schema: _schema, ...entry }: RegistryEntry): RegistryEntry {
  return entry;
}
