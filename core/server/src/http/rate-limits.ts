import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { TendrilError } from '@tendril/plugin-api';
import { principalOf } from './principal.ts';
import type { RateLimit } from './route.ts';

const ONE_MINUTE_MS = 60_000;

/** Counts requests by key, session or network address, and refuses what is over the limit with `Retry-After`. */
export function limitRate({ perMinute, by }: RateLimit): RequestHandler {
  return rateLimit({
    windowMs: ONE_MINUTE_MS,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (req, res) => (by === 'principal' ? principalKey(req, res) : addressKey(req)),
    handler: (_req, res, next) => {
      const seconds = Number(res.getHeader('retry-after') ?? ONE_MINUTE_MS / 1_000);
      next(new TendrilError('REQUEST_THROTTLED', { perMinute, retryAfterSeconds: seconds }));
    },
  });
}

function principalKey(req: Request, res: Response): string {
  const principal = principalOf(res);
  return principal === undefined ? addressKey(req) : `${principal.tenantId}/${principal.keyId}`;
}

function addressKey(req: Request): string {
  return ipKeyGenerator(req.socket.remoteAddress ?? 'unknown');
}
