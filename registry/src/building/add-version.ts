import { TendrilError } from '@tendril/plugin-api';
import type { KeySignature, PublisherKey, RegistryEntry, RegistryVersion } from '@tendril/schemas';
import { signKeyChange } from '../signing/statements.ts';
import type { SigningKey } from '../signing/keys.ts';
import { tarballName } from './check-entry.ts';
import type { PackageFacts } from './package-facts.ts';

/** A version that its author sends in. */
export interface Submission {
  readonly facts: PackageFacts;
  readonly signature: KeySignature;
  /** Public key that made the signature, base64. */
  readonly publicKey: string;
  readonly publishedAt: Date;
  readonly publisher?: RegistryEntry['publisher'] | undefined;
  /** Where it lies on npm; beside the entry without it. */
  readonly npm?: { readonly package: string } | undefined;
  readonly provenance?: RegistryVersion['provenance'];
  /** Why a patch asks for more. */
  readonly permissionsNote?: string | undefined;
  /** The key until now, to hand the plugin over to `publicKey`. */
  readonly previousKey?: SigningKey | undefined;
}

/**
 * The entry with one more version, or a new one. The same version again takes the place of the one that was there, so that a
 * submission can be mended; whether it may is for `checkRegistry`.
 *
 * @throws TendrilError INPUT_INVALID when a new entry has no publisher, or the key is another one and nobody hands over
 */
export function addVersion(entry: RegistryEntry | undefined, submission: Submission): RegistryEntry {
  const { facts } = submission;
  const publisher = submission.publisher ?? entry?.publisher;
  if (publisher === undefined) throw new TendrilError('INPUT_INVALID', { expected: 'the name of the publisher, with the first version' });
  const version = versionOf(submission);
  const [first, ...others] = entry?.versions.filter((other) => other.version !== version.version) ?? [];
  return {
    title: facts.title,
    description: facts.description,
    categories: [...facts.categories],
    licence: facts.licence,
    publisher,
    keys: keysWith(entry?.keys, submission),
    versions: first === undefined ? [version] : [first, ...others, version],
  };
}

function versionOf({ facts, signature, publishedAt, npm, provenance, permissionsNote }: Submission): RegistryVersion {
  const { version } = facts.version;
  return {
    ...facts.version,
    ...(npm === undefined ? { tarball: tarballName(facts.id, version) } : { npm: { package: npm.package, version } }),
    ...(provenance === undefined ? {} : { provenance }),
    ...(permissionsNote === undefined ? {} : { permissionsNote }),
    publishedAt: publishedAt.toISOString(),
    signature,
  };
}

function keysWith(keys: RegistryEntry['keys'] | undefined, { facts, publicKey, previousKey }: Submission): RegistryEntry['keys'] {
  if (keys === undefined) return [{ public: publicKey }];
  const current: PublisherKey = keys.at(-1) ?? keys[0];
  if (current.public === publicKey) return keys;
  if (previousKey === undefined)
    throw new TendrilError('INPUT_INVALID', {
      plugin: facts.id,
      reason: 'its versions are signed by another key',
      expected: 'the same key as before, or `--previous-key FILE` to hand the plugin over',
    });
  return [...keys, signKeyChange({ id: facts.id, to: publicKey, since: facts.version.version }, previousKey)];
}
