import { CATALOGUE, TendrilError } from '@tendril/plugin-api';
import type { ErrorCode } from '@tendril/plugin-api';

/** What nodemailer puts on its errors. Its messages and `response` quote addresses and are not passed on. */
interface SmtpError {
  readonly code?: string;
  readonly originalCode?: string;
  readonly responseCode?: number;
}

/**
 * What an SMTP failure means: 4xx and lost connections are worth another try, a refused login needs the operator, 5xx is
 * final. A refusal by the host stays what it was.
 *
 * @see RFC 5321, section 4.2.1 (reply codes)
 */
export function toFailure(error: unknown): TendrilError {
  const { code, originalCode, responseCode }: SmtpError = typeof error === 'object' && error !== null ? error : {};
  if (TendrilError.is(error)) {
    // The library writes its own code over the one of an error that the host's guard threw.
    const own = [originalCode, code].find(isCatalogued);
    return own === undefined || own === error.code ? error : new TendrilError(own, error.details);
  }
  const details = { ...(code === undefined ? {} : { reason: code }), ...(responseCode === undefined ? {} : { responseCode }) };
  if (responseCode !== undefined && responseCode >= 400 && responseCode < 500) return new TendrilError('UPSTREAM_UNAVAILABLE', details);
  if (code === 'EAUTH' || code === 'ENOAUTH' || code === 'EOAUTH2' || responseCode === 530 || responseCode === 535)
    return new TendrilError('UPSTREAM_UNAUTHORIZED', details);
  if (responseCode !== undefined && responseCode >= 500 && responseCode !== 503) return new TendrilError('UPSTREAM_REJECTED', details);
  if (code === 'EENVELOPE' || code === 'EMESSAGE') return new TendrilError('UPSTREAM_REJECTED', details);
  return new TendrilError('UPSTREAM_UNAVAILABLE', details);
}

function isCatalogued(code: string | undefined): code is ErrorCode {
  return code !== undefined && Object.hasOwn(CATALOGUE, code);
}
