import { createHmac, hash, timingSafeEqual } from 'node:crypto';

/** HMAC-SHA-256 over the parts, one after the other. */
export function hmacSha256(key: Uint8Array | string, ...parts: readonly (Uint8Array | string)[]): Buffer {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** Whether two secrets are the same, in a time that tells neither where they differ nor how long they are. */
export function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', expected, 'buffer'));
}

/** Whether a signature, in hexadecimal or base64, is these bytes; in a time that does not tell where it differs. */
export function isSameSignature(given: string, expected: Buffer): boolean {
  return timesEqual(given.toLowerCase(), expected.toString('hex')) || timesEqual(given, expected.toString('base64'));
}

function timesEqual(given: string, expected: string): boolean {
  const bytes = Buffer.from(given);
  return bytes.length === expected.length && timingSafeEqual(bytes, Buffer.from(expected));
}
