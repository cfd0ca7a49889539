import { CATALOGUE } from './catalogue.ts';
import type { ErrorCode } from './catalogue.ts';

// Registered globally: a plugin may bring its own copy of this package.
const BRAND = Symbol.for('tendril.TendrilError');

/**
 * What may be shown and logged of a failure: names of fields, files, lines, limits; never a secret or a personal detail.
 * Two members mean something to the engine: `retryAfterMs`, when the service may be asked again, and `isWithoutEffect`,
 * true when the handler is certain that nothing was changed, so that a retry needs no check.
 */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** The only error type that crosses a package boundary. */
export class TendrilError extends Error {
  readonly [BRAND] = true;
  override readonly name = 'TendrilError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(CATALOGUE[code].text, options);
    this.code = code;
    this.details = details;
  }

  /** Recognises the error whichever copy of this package made it; `instanceof` does not. */
  static is(value: unknown): value is TendrilError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}
