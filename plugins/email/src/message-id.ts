import { createHash } from 'node:crypto';

/** The Message-ID of one piece of work, without angle brackets: the same for every attempt at it, in no other tenant. */
export function messageIdOf(tenantId: string, idempotencyKey: string, from: string): string {
  const digest = createHash('sha256').update(`${tenantId}\n${idempotencyKey}`).digest('hex').slice(0, 40);
  return `${digest}@${from.slice(from.lastIndexOf('@') + 1)}`;
}
