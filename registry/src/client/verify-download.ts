import { createHash, timingSafeEqual } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { RegistryVersion } from '@tendril/schemas';

/**
 * The bytes, when they are those of the version.
 *
 * @throws TendrilError PACKAGE_INTEGRITY
 */
export function verifyDownload(id: string, { version, integrity, sizeBytes }: RegistryVersion, bytes: Uint8Array): Uint8Array {
  const found = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  const isSame = found.length === integrity.length && timingSafeEqual(Buffer.from(found), Buffer.from(integrity));
  if (bytes.length === sizeBytes && isSame) return bytes;
  throw new TendrilError('PACKAGE_INTEGRITY', { plugin: id, version, expected: integrity, found, sizeBytes: bytes.length });
}
