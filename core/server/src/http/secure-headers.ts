import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

/** What tells browsers how little our pages may do. Those of the API and of plugins say it more strictly. */
const POLICY = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
  frameSrc: ["'self'"],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'self'"],
};

/**
 * The headers that helmet gives, which are the same for each answer: it is asked once, in place of its thirteen middlewares for each
 * request.
 *
 * @param isSecure whether the public address is https
 * @returns sets them
 */
export function createSecureHeaders(isSecure: boolean): (res: ServerResponse) => void {
  const probe = new ServerResponse(new IncomingMessage(new Socket()));
  let failure: unknown;
  helmet({
    contentSecurityPolicy: { useDefaults: false, directives: POLICY },
    strictTransportSecurity: isSecure,
    crossOriginEmbedderPolicy: false,
  })(probe.req, probe, (error) => (failure = error));
  if (failure !== undefined) throw new Error('helmet failed', { cause: failure });
  const headers = probe.getHeaderNames().map((name) => [name, String(probe.getHeader(name))] as const);
  return (res) => {
    for (const [name, value] of headers) res.setHeader(name, value);
  };
}
