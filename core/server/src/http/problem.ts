import type { ServerResponse } from 'node:http';
import { CATALOGUE, TendrilError } from '@tendril/plugin-api';
import type { ErrorCode, ErrorDetails, Remedy } from '@tendril/plugin-api';

/** A failure as HTTP tells it. @see RFC 9457, problem details */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly remedy: Remedy;
  readonly details: ErrorDetails;
  readonly requestId: string;
}

/** Gives any failure the catalogue's face. What is not of the catalogue becomes INTERNAL and shows nothing of itself. */
export function toProblem(failure: unknown, requestId: string): ProblemDetails {
  const error = asTendrilError(failure);
  const { status, remedy, text } = CATALOGUE[error.code];
  return { type: `/errors/${error.code}`, title: text, status, code: error.code, remedy, details: error.details, requestId };
}

/** The failure itself when it is of the catalogue, REQUEST_MALFORMED for what express refused, INTERNAL for the rest. */
export function asTendrilError(failure: unknown): TendrilError {
  if (TendrilError.is(failure) && Object.hasOwn(CATALOGUE, failure.code)) return failure;
  if (isRefusedByExpress(failure)) return new TendrilError('REQUEST_MALFORMED', {}, { cause: failure });
  return new TendrilError('INTERNAL', {}, { cause: failure });
}

function isRefusedByExpress(failure: unknown): boolean {
  if (typeof failure !== 'object' || failure === null || !('status' in failure)) return false;
  return typeof failure.status === 'number' && failure.status >= 400 && failure.status < 500;
}

/** Seconds for `Retry-After`, at least 1; `undefined` where trying again the same way is of no use. */
function retryAfterSeconds(problem: ProblemDetails): number | undefined {
  if (problem.remedy !== 'retry') return undefined;
  const { retryAfterMs, retryAfterSeconds: seconds } = problem.details;
  if (typeof retryAfterMs === 'number') return Math.max(1, Math.ceil(retryAfterMs / 1_000));
  if (typeof seconds === 'number') return Math.max(1, Math.ceil(seconds));
  return problem.status === 429 ? 1 : 5;
}

/** Answers with `application/problem+json`; does nothing but end the socket when an answer has begun already. */
export function sendProblem(res: ServerResponse, problem: ProblemDetails): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const body = Buffer.from(JSON.stringify(problem));
  const retryAfter = retryAfterSeconds(problem);
  res.setHeader('x-request-id', problem.requestId);
  if (retryAfter !== undefined) res.setHeader('retry-after', String(retryAfter));
  // There may be more of the body than anybody wants to read.
  if (problem.status === 413) res.setHeader('connection', 'close');
  if (problem.status === 401) res.setHeader('www-authenticate', 'Bearer realm="tendril"');
  res.writeHead(problem.status, { 'content-type': 'application/problem+json', 'content-length': body.length, 'cache-control': 'no-store' });
  res.end(body);
}
