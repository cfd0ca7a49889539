import { readFileSync, writeFileSync } from 'node:fs';
import type { PackageFacts, SigningKey } from '@tendril/registry';
import type { KeySignature } from '@tendril/schemas';
import { CommandFault, EXIT } from './failure.ts';

/** What `plugins sign` writes beside a tarball, and `plugins publish` puts into the entry. */
export interface PluginSignature {
  readonly id: string;
  readonly version: string;
  readonly integrity: string;
  /** Public key, base64. */
  readonly public: string;
  readonly signature: KeySignature;
}

/** Name of the signature's file. */
export function signatureFile(tarball: string): string {
  return `${tarball}.sig.json`;
}

/** Signs what a package is. */
export async function signPackage({ id, version: { version, integrity } }: PackageFacts, key: SigningKey): Promise<PluginSignature> {
  const { signVersion } = await import('@tendril/registry');
  return { id, version, integrity, public: key.public, signature: signVersion({ id, version, integrity }, key) };
}

/** Writes the signature beside the tarball; another one there is replaced. */
export function writeSignature(tarball: string, signature: PluginSignature): string {
  const file = signatureFile(tarball);
  writeFileSync(file, `${JSON.stringify(signature, undefined, 2)}\n`);
  return file;
}

/**
 * The signature beside a tarball.
 *
 * @throws CommandFault when there is none, or it is that of another package
 */
export async function readSignature(tarball: string, { id, version: { version, integrity } }: PackageFacts): Promise<PluginSignature> {
  const { isVersionSignedBy } = await import('@tendril/registry');
  const file = signatureFile(tarball);
  const signature = parse(read(file, tarball), file);
  if (!isVersionSignedBy({ id, version, integrity }, signature.signature, signature.public))
    throw new CommandFault(`${file} is not the signature of this package: sign it again.`, EXIT.refused, 'SIGNATURE_INVALID');
  return signature;
}

function read(file: string, tarball: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new CommandFault(
      `The package is not signed: say --key FILE, or sign it with \`tendril plugins sign ${tarball} --key FILE\`.`,
      EXIT.refused,
      'SIGNATURE_MISSING',
    );
  }
}

function parse(text: string, file: string): PluginSignature {
  try {
    const value = JSON.parse(text) as Partial<PluginSignature>;
    if (typeof value.public === 'string' && typeof value.signature?.keyId === 'string' && typeof value.signature.value === 'string')
      return value as PluginSignature;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new CommandFault(`${file} is no signature: sign the package again.`, EXIT.refused, 'SIGNATURE_INVALID');
}
