import { CATALOGUE, TendrilError } from '@tendril/plugin-api';

// Answers that a service gives instead of doing something, and refusals before anything was asked.
const WITHOUT_EFFECT = new Set<string>(['UPSTREAM_THROTTLED', 'UPSTREAM_REJECTED', 'UPSTREAM_UNAUTHORIZED']);

/** Whether a handler that failed so has certainly had no effect; when in doubt it may have had one. */
export function isWithoutEffect(error: unknown): boolean {
  if (!TendrilError.is(error)) return false;
  // A handler may know more than the code says: that it was never connected, for one.
  const { isWithoutEffect: isCertain } = error.details;
  if (typeof isCertain === 'boolean') return isCertain;
  return WITHOUT_EFFECT.has(error.code) || (error.code in CATALOGUE && CATALOGUE[error.code].remedy === 'fix-input');
}
