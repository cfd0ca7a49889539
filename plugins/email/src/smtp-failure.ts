import { CATALOGUE, TendrilError } from '@tendril/plugin-api';
import type { ErrorCode } from '@tendril/plugin-api';

/** What nodemailer puts on its errors. Its messages and `response` quote addresses and are not passed on. */
interface SmtpError {
  readonly code?: string;
  readonly originalCode?: string;
  readonly responseCode?: number;
  readonly timeoutType?: string;
  readonly syscall?: string;
}

/** The connection never came about, so that no mail can have gone over it. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EDNS']);
const WAITS_BEFORE_MAIL = new Set(['CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT']);

/**
 * What an SMTP failure means: 4xx and lost connections are worth another try, a refused login needs the operator, 5xx is
 * final. A refusal by the host stays what it was. `details.isWithoutEffect` tells that the mail was certainly not taken:
 * the server said no, or was never reached; a connection lost later leaves it open.
 *
 * @see RFC 5321, section 4.2.1 (reply codes)
 */
export function toFailure(error: unknown): TendrilError {
  const failure: SmtpError = typeof error === 'object' && error !== null ? error : {};
  const { code, originalCode, responseCode } = failure;
  if (TendrilError.is(error)) {
    // The library writes its own code over the one of an error that the host's guard threw.
    const own = [originalCode, code].find(isCatalogued);
    return own === undefined || own === error.code ? error : new TendrilError(own, error.details);
  }
  const details = {
    ...(code === undefined ? {} : { reason: code }),
    ...(responseCode === undefined ? {} : { responseCode }),
    ...(isCertainlyNotTaken(failure) ? { isWithoutEffect: true } : {}),
  };
  return new TendrilError(codeOf(failure), details);
}

function codeOf({ code, responseCode }: SmtpError): ErrorCode {
  if (responseCode !== undefined && responseCode >= 400 && responseCode < 500) return 'UPSTREAM_UNAVAILABLE';
  if (code === 'EAUTH' || responseCode === 530 || responseCode === 535) return 'UPSTREAM_UNAUTHORIZED';
  // 503 says that the session was in another state than expected, nothing about the mail.
  if (responseCode !== undefined && responseCode >= 500 && responseCode !== 503) return 'UPSTREAM_REJECTED';
  return code === 'EENVELOPE' || code === 'EMESSAGE' ? 'UPSTREAM_REJECTED' : 'UPSTREAM_UNAVAILABLE';
}

function isCertainlyNotTaken({ code = '', originalCode = '', responseCode, timeoutType = '', syscall }: SmtpError): boolean {
  if (responseCode !== undefined) return responseCode >= 400;
  return syscall === 'connect' || NEVER_CONNECTED.has(originalCode) || NEVER_CONNECTED.has(code) || WAITS_BEFORE_MAIL.has(timeoutType);
}

function isCatalogued(code: string | undefined): code is ErrorCode {
  return code !== undefined && Object.hasOwn(CATALOGUE, code);
}
