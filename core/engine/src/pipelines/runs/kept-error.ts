import { CATALOGUE, TendrilError } from '@tendril/plugin-api';
import type { ErrorCode, JsonObject, Remedy } from '@tendril/plugin-api';
import { EvaluationFault } from '../../expressions/index.ts';
import type { KeptError } from './records.ts';

/** The error as it is journalled. Only what the catalogue allows is kept: another error's message may hold anything. */
export function keepError(error: unknown): KeptError {
  if (error instanceof EvaluationFault) {
    const { message, start } = error.fault;
    return keepError(new TendrilError('EXPRESSION_FAILED', { expression: error.expression, position: start + 1, problem: message }));
  }
  if (!TendrilError.is(error))
    return { code: 'INTERNAL', message: CATALOGUE.INTERNAL.text, details: { name: error instanceof Error ? error.name : typeof error } };
  const details = jsonDetails(error.details);
  return { code: error.code, message: error.message, ...(Object.keys(details).length > 0 ? { details } : {}) };
}

function jsonDetails(details: Readonly<Record<string, unknown>>): JsonObject {
  try {
    return JSON.parse(JSON.stringify(details)) as JsonObject;
  } catch {
    return {};
  }
}

/** Makes the error again that was kept, for a caller. */
export function thrownError(error: KeptError, details: JsonObject = {}): TendrilError {
  const isKnown = Object.hasOwn(CATALOGUE, error.code);
  return new TendrilError(isKnown ? (error.code as ErrorCode) : 'RUN_FAILED', {
    ...(error.details ?? {}),
    ...(isKnown ? {} : { code: error.code }),
    ...details,
  });
}

/** What may be done about it. Codes of plugins carry their remedy in the details. */
export function remedyOf(error: KeptError): Remedy {
  if (Object.hasOwn(CATALOGUE, error.code)) return CATALOGUE[error.code as ErrorCode].remedy;
  const remedy = error.details?.['remedy'];
  return remedy === 'fix-input' || remedy === 'retry' || remedy === 'reconnect' ? remedy : 'report';
}

const NOT_REFUSALS: ReadonlySet<string> = new Set(['ACTION_NEEDS_REVIEW']);
const REFUSALS: ReadonlySet<string> = new Set(['UPSTREAM_THROTTLED', 'UPSTREAM_UNAUTHORIZED', 'CONNECTION_MISSING', 'PLUGIN_DISABLED']);

/**
 * True when the error says that there was no effect: the service refused, something was refused on our side, or the
 * handler is certain (`details.isWithoutEffect`; false where it had begun something before). After a timeout, a cut connection or a fault of the plugin nobody knows.
 */
export function isRefusal(error: KeptError): boolean {
  const isCertain = error.details?.['isWithoutEffect'];
  if (typeof isCertain === 'boolean') return isCertain;
  if (REFUSALS.has(error.code)) return true;
  return remedyOf(error) === 'fix-input' && !NOT_REFUSALS.has(error.code);
}
