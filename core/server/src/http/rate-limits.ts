import type { RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { TendrilError } from '@tendril/plugin-api';
import { clientAddress } from './client-address.ts';
import { principalOf } from './principal.ts';
import type { RateLimit } from './route.ts';

const ONE_MINUTE_MS = 60_000;

/** Counts requests by key, session or network address, and refuses what is over the limit with `Retry-After`. */
export function limitRate({ perMinute, by }: RateLimit, proxyHops: number): RequestHandler {
  return rateLimit({
    windowMs: ONE_MINUTE_MS,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // The address is taken apart here, by the proxies that are known; the library's own checks are about express' way.
    validate: false,
    keyGenerator: (req, res) => (by === 'principal' ? principalKey(res) : ipKeyGenerator(clientAddress(req, proxyHops) ?? 'unknown')),
    handler: (_req, res, next) => {
      const seconds = Number(res.getHeader('retry-after') ?? ONE_MINUTE_MS / 1_000);
      next(new TendrilError('REQUEST_THROTTLED', { perMinute, retryAfterSeconds: seconds }));
    },
  });
}

function principalKey(res: Response): string {
  const principal = principalOf(res);
  return principal === undefined ? 'nobody' : `${principal.tenantId}/${principal.keyId}`;
}
