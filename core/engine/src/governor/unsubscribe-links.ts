import { createHmac, hash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { Identities, JsonObject } from '@tendril/plugin-api';
import type { Change } from '../ports.ts';
import type { OpenTenant } from '../tenants/index.ts';
import { LINKS } from './tables.ts';

/** What an unsubscribe link is about. */
export interface LinkSubject {
  readonly channel: string;
  readonly purpose: string;
  readonly personId: string;
  readonly address: string;
  readonly identities?: Identities;
}

/**
 * The token of a link: `tenant.random-looking`. The same subject has the same token, so that a person has one row and
 * not one per message; it is keyed with a secret that is never rotated, since links in old mails have to work for years.
 */
export function linkToken(tenant: OpenTenant, { channel, purpose, personId, address }: LinkSubject): string {
  const subject = JSON.stringify(['unsubscribe', channel, purpose, personId, address]);
  return `${tenant.keys.tenantId}.${createHmac('sha256', tenant.keys.indexKey).update(subject).digest('base64url')}`;
}

/** What keeps a link known. */
export function rememberLink(token: string, subject: LinkSubject, at: number): Change {
  return { op: 'put', table: LINKS, value: { id: linkId(token), ...(subject as unknown as JsonObject), createdAt: at } };
}

/** @throws TendrilError NOT_FOUND */
export async function findLink(tenant: OpenTenant, token: string): Promise<LinkSubject> {
  const [row] = await tenant.state.get(LINKS, [linkId(token)]);
  if (row === undefined) throw new TendrilError('NOT_FOUND', { what: 'unsubscribe link' });
  return row.value as unknown as LinkSubject;
}

/** The address so that its owner recognises it and nobody else learns it: `j…@example.com`, `…67`. */
export function addressHint(address: string): string {
  const at = address.lastIndexOf('@');
  return at > 0 ? `${address.slice(0, 1)}…${address.slice(at)}` : `…${address.slice(-2)}`;
}

function linkId(token: string): string {
  return hash('sha256', token, 'hex');
}
