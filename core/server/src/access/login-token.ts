import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@tendril/plugin-api';

/** Makes and reads the tokens of the printed link. */
export interface LoginTokens {
  /** @param ttlSeconds one hour unless told */
  create(tenantId: string, ttlSeconds?: number): string;
  /** @returns the tenant, or `undefined` when the token is not ours or too old */
  read(token: string): string | undefined;
}

const ONE_HOUR_SECONDS = 3_600;

/**
 * Tokens that are signed, not stored: good for their time, as often as wanted, so that a link opened in the wrong browser
 * first still opens in the right one.
 */
export function createLoginTokens(secret: string, clock: Clock): LoginTokens {
  const key = createHmac('sha256', secret).update('tendril login link').digest();
  const sign = (claim: string): Buffer => createHmac('sha256', key).update(claim).digest();

  return {
    create(tenantId, ttlSeconds = ONE_HOUR_SECONDS) {
      const claim = Buffer.from(JSON.stringify([tenantId, clock.now() + ttlSeconds * 1_000])).toString('base64url');
      return `${claim}.${sign(claim).toString('base64url')}`;
    },
    read(token) {
      const [claim = '', signature = ''] = token.split('.');
      const given = Buffer.from(signature, 'base64url');
      const expected = sign(claim);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      const [tenantId, expiresAt] = JSON.parse(Buffer.from(claim, 'base64url').toString('utf8')) as [string, number];
      return expiresAt > clock.now() ? tenantId : undefined;
    },
  };
}
