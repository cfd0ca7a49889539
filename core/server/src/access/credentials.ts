import type { IncomingMessage } from 'node:http';

const SCHEME = /^(Basic|Bearer) +(.+)$/i;

/** The key of an `Authorization` header: the user name of Basic, the token of Bearer; `undefined` without a usable header. */
export function keyFromHeader(req: IncomingMessage): string | undefined {
  const header = req.headers.authorization;
  if (header === undefined) return undefined;
  const [, scheme, value] = SCHEME.exec(header) ?? [];
  if (scheme === undefined || value === undefined) return undefined;
  const key = scheme.toLowerCase() === 'bearer' ? value.trim() : userName(value);
  return key === '' ? undefined : key;
}

function userName(encoded: string): string {
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon === -1 ? decoded : decoded.slice(0, colon);
}
