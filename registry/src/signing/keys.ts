import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';

/** A private key with its public half. */
export interface SigningKey {
  /** SHA-256 of the public key's 32 bytes, hexadecimal. */
  readonly keyId: string;
  /** The public key's 32 bytes, base64. */
  readonly public: string;
  readonly privateKey: KeyObject;
}

const PUBLIC_BYTES = 32;

/** Makes an ed25519 key; its text is PKCS #8 in PEM, for a file that only its owner reads. */
export function createSigningKey(): { readonly key: SigningKey; readonly pem: string } {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { key: signingKeyOf(privateKey), pem: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
}

/**
 * Reads an ed25519 private key from PEM.
 *
 * @param file named in the error
 * @throws TendrilError INPUT_INVALID when it is none; the error holds nothing of the text
 */
export function readSigningKey(pem: string, file: string): SigningKey {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(pem);
  } catch {
    // Without the cause: OpenSSL's words may quote what it read.
    throw notAKey(file);
  }
  if (privateKey.asymmetricKeyType !== 'ed25519') throw notAKey(file);
  return signingKeyOf(privateKey);
}

/** The id of a public key: SHA-256 of its 32 bytes, hexadecimal. */
export function keyIdOf(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex');
}

/** The key that 32 bytes in base64 stand for; `undefined` when they are not 32 bytes. */
export function publicKeyOf(publicKey: string): KeyObject | undefined {
  const bytes = Buffer.from(publicKey, 'base64');
  if (bytes.length !== PUBLIC_BYTES || bytes.toString('base64') !== publicKey) return undefined;
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }, format: 'jwk' });
}

function signingKeyOf(privateKey: KeyObject): SigningKey {
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const publicKey = Buffer.from(x, 'base64url').toString('base64');
  return { keyId: keyIdOf(publicKey), public: publicKey, privateKey };
}

function notAKey(file: string): TendrilError {
  return new TendrilError('INPUT_INVALID', {
    file,
    expected: 'an ed25519 private key in PEM; `tendril plugins sign TARBALL --key FILE --new-key` makes one',
  });
}
