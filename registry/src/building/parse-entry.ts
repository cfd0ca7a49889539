import type { RegistryEntry, RegistryRevocation } from '@tendril/schemas';
import { validateRegistryIndex } from '@tendril/schemas';
import { canonicalBytes } from '../signing/canonical-json.ts';
import type { Report } from './registry-fault.ts';

/**
 * Reads an `entry.json`.
 *
 * @returns `undefined` when it has faults, which are reported
 */
export function parseEntry(id: string, text: string | undefined, report: Report): RegistryEntry | undefined {
  const value = parse(text, report);
  if (value === undefined) return undefined;
  const isValid = isValidWithin({ plugins: { [id]: value } }, `/signed/plugins/${id}`, report);
  return isValid ? (value as RegistryEntry) : undefined;
}

/** Reads `revocations.json`, a list; a missing file is an empty one. */
export function parseRevocations(text: string | undefined, report: Report): readonly RegistryRevocation[] {
  if (text === undefined) return [];
  const value = parse(text, report);
  if (value === undefined) return [];
  return isValidWithin({ revocations: value }, '/signed/revocations', report) ? (value as readonly RegistryRevocation[]) : [];
}

function parse(text: string | undefined, report: Report): unknown {
  if (text === undefined) {
    report('', 'is missing, no plain file or too large');
    return undefined;
  }
  try {
    const value = JSON.parse(text) as unknown;
    canonicalBytes(value);
    return value;
  } catch (error) {
    report('', error instanceof TypeError ? `cannot be signed: ${error.message}` : 'is no JSON', 'check commas, quotes and brackets');
    return undefined;
  }
}

// One schema for the index and its parts: a part is looked at inside of an index in which all else is right.
function isValidWithin(part: object, prefix: string, report: Report): boolean {
  const signed = {
    type: 'index',
    formatVersion: 1,
    registry: 'x',
    sequence: 1,
    createdAt: EPOCH,
    expiresAt: EPOCH,
    plugins: {},
    revocations: [],
  };
  if (validateRegistryIndex({ signed: { ...signed, ...part }, signatures: [{ keyId: NO_KEY, value: NO_SIGNATURE }] })) return true;
  for (const { instancePath, message = 'is not valid', params, keyword } of validateRegistryIndex.errors ?? []) {
    if (keyword === 'if') continue;
    const pointer = instancePath.startsWith(prefix) ? instancePath.slice(prefix.length) : '';
    report(pointer, `${message}${detailOf(keyword, params)}`);
  }
  return false;
}

const EPOCH = '1970-01-01T00:00:00.000Z';
const NO_KEY = '0'.repeat(64);
const NO_SIGNATURE = `${'A'.repeat(86)}==`;

function detailOf(keyword: string, params: Readonly<Record<string, unknown>>): string {
  if (keyword === 'enum') return `: ${(params['allowedValues'] as readonly string[]).join(', ')}`;
  if (keyword === 'additionalProperties') return `: \`${String(params['additionalProperty'])}\``;
  return keyword === 'propertyNames' ? `: \`${String(params['propertyName'])}\`` : '';
}
