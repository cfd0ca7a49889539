import { hash } from 'node:crypto';
import type { HostPattern, Manifest } from '@tendril/schemas';
import { canonicalJson } from '../../canonical-json.ts';
import { toClaims } from './claims.ts';
import type { Claim, Permissions } from './claims.ts';
import { beyond } from './grants.ts';

/** The difference between what two versions of a plugin may do, in words for people. */
export interface PermissionDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** What a plugin may do, in plain words, the gravest first. Empty when it may do nothing beyond its own. */
export function describePermissions(permissions: Permissions | undefined): readonly string[] {
  return [...new Set(toClaims(permissions ?? {}).map(inWords))];
}

/** What `to` allows beyond `from`, and what it no longer does. */
export function diffPermissions(from: Permissions | undefined, to: Permissions | undefined): PermissionDifference {
  return { added: beyond(to ?? {}, from ?? {}).map(inWords), removed: beyond(from ?? {}, to ?? {}).map(inWords) };
}

/** What somebody consents to: the same for manifests that ask for the same, in whatever order. */
export function permissionsHash(manifest: Pick<Manifest, 'permissions'>): string {
  const claims = toClaims(manifest.permissions ?? {})
    .map(canonicalJson)
    .toSorted();
  return hash('sha256', JSON.stringify(claims), 'hex');
}

// Characters that no eye sees, and that move a cursor or turn the direction of a line.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** What a person is asked to consent to is what stands there: a name cannot write lines of its own. */
function inWords(claim: Claim): string {
  return sentenceOf(claim).replace(UNSEEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

function sentenceOf(claim: Claim): string {
  if (claim.kind === 'host') return hostInWords(claim.value);
  const { kind, value } = claim;
  const words = {
    read: () => `May read ${eventsInWords(value)}`,
    write: () => `May add ${eventsInWords(value)}`,
    action: () => `May call the action ${value}`,
    connection: () => `May use the credentials of your ${value} connections`,
    model: () => (value === 'text' ? 'May ask a model to write text' : 'May ask a model for embeddings'),
    channel: () => `May send messages by ${value}`,
    storage: () => STORAGE[value] ?? `May store ${value}`,
    data: () => DATA[value] ?? `Sees ${value} data`,
    currency: () => `May spend money in ${value}`,
  } as const;
  return words[kind]();
}

const STORAGE: Readonly<Record<string, string>> = {
  kv: 'May store small values of its own',
  tables: 'May store rows in tables of its own',
  blobs: 'May store files of its own',
};

const DATA: Readonly<Record<string, string>> = {
  personal: 'Sees personal data, such as names and addresses',
  sensitive: 'Sees sensitive data, such as health or beliefs',
};

function eventsInWords(pattern: string): string {
  if (pattern === '*') return 'every event';
  return pattern.endsWith('*') ? `every event whose name begins with "${pattern.slice(0, -1)}"` : `the event "${pattern}"`;
}

function hostInWords(pattern: HostPattern): string {
  if (typeof pattern !== 'string')
    return 'connectionField' in pattern
      ? `May reach the host that the field ${pattern.connectionField} of a connection names`
      : `May reach any public address that a pipeline gives it (${pattern.inputField} of the input)`;
  return pattern.startsWith('*.') ? `May reach every host below ${pattern.slice(2)}` : `May reach ${pattern}`;
}
