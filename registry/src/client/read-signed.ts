import { TendrilError } from '@tendril/plugin-api';
import type { RegistryIndex, RegistryRoot } from '@tendril/schemas';
import { validateRegistryIndex, validateRegistryRoot } from '@tendril/schemas';
import type { Validator } from '@tendril/schemas';

const MOST_PROBLEMS = 5;
const MOST_SIGNATURES = 32;

/**
 * Reads a root.
 *
 * @throws TendrilError REGISTRY_INVALID when it is no JSON or does not match its schema
 */
export function readRoot(bytes: Uint8Array, file: string): RegistryRoot {
  const value = parse(bytes, file);
  refuseInvalid(value, validateRegistryRoot, file);
  return value as RegistryRoot;
}

/** A file whose envelope has the right shape, before anybody has looked at what is signed. */
export interface Envelope {
  readonly signed: Readonly<Record<string, unknown>>;
  readonly signatures: RegistryIndex['signatures'];
}

/**
 * Reads what surrounds the index, so that its signatures are checked before anything in it is.
 *
 * @throws TendrilError REGISTRY_INVALID
 */
export function readEnvelope(bytes: Uint8Array, file: string): Envelope {
  const value = parse(bytes, file);
  if (!isObject(value) || !isObject(value['signed']) || !Array.isArray(value['signatures']))
    throw invalid(file, 'it is no object with `signed` and `signatures`');
  const signatures: readonly unknown[] = value['signatures'];
  if (signatures.length === 0 || signatures.length > MOST_SIGNATURES || !signatures.every(isSignature))
    throw invalid(file, `it has no list of 1 to ${MOST_SIGNATURES} signatures`);
  return { signed: value['signed'], signatures: signatures as unknown as RegistryIndex['signatures'] };
}

/** @throws TendrilError REGISTRY_INVALID when the envelope is not that of an index */
export function readIndex(envelope: Envelope, file: string): RegistryIndex {
  refuseInvalid(envelope, validateRegistryIndex, file);
  return envelope as unknown as RegistryIndex;
}

/** REGISTRY_INVALID with what is wrong. */
export function invalid(file: string, reason: string, cause?: unknown): TendrilError {
  return new TendrilError('REGISTRY_INVALID', { file, reason }, cause === undefined ? undefined : { cause });
}

function parse(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    throw invalid(file, 'it is no JSON: it may have been cut off', error);
  }
}

function refuseInvalid(value: unknown, validate: Validator, file: string): void {
  if (validate(value)) return;
  const problems = (validate.errors ?? []).slice(0, MOST_PROBLEMS);
  throw new TendrilError('REGISTRY_INVALID', {
    file,
    problems: problems.map(({ instancePath, message = 'is not valid' }) => ({ pointer: instancePath, message })),
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSignature(value: unknown): boolean {
  return isObject(value) && typeof value['keyId'] === 'string' && typeof value['value'] === 'string';
}
