import { CATALOGUE, TendrilError } from '@tendril/plugin-api';
import type { ErrorCode, ErrorDetails } from '@tendril/plugin-api';
import { networkFailure } from './broker/network-failure.ts';
import type { RunningCall } from './running-call.ts';

const CODE_OF_REMEDY = {
  'fix-input': 'UPSTREAM_REJECTED',
  retry: 'UPSTREAM_UNAVAILABLE',
  reconnect: 'UPSTREAM_UNAUTHORIZED',
  report: 'PLUGIN_FAULTY',
} as const satisfies Record<string, ErrorCode>;

/**
 * What a handler threw, in the catalogue's words. Messages, causes and members of foreign errors stay behind: vendor
 * libraries put whole requests into them, credentials and people's data included.
 */
export function pluginFailure(error: unknown, running: RunningCall): TendrilError {
  const { plugin, handler } = running.run;
  const origin = { plugin: plugin.id, handler };
  if (TendrilError.is(error) && error.code in CATALOGUE) return rebuilt(error, running);
  // A library may have wrapped the guard's refusal beyond recognition.
  if (running.egress.denied !== undefined) return running.egress.denied;
  const network = networkFailure(error);
  if (network !== undefined) return rebuilt(network, running);
  const code = codeOf(error);
  const declared = code === undefined ? undefined : plugin.manifest.errors?.[code];
  if (declared !== undefined)
    return new TendrilError(
      CODE_OF_REMEDY[declared.remedy],
      { ...origin, pluginCode: code, text: declared.text },
      { cause: withoutContent(error) },
    );
  return new TendrilError('PLUGIN_FAULTY', { ...origin, error: nameOf(error) }, { cause: withoutContent(error) });
}

function rebuilt(error: TendrilError, running: RunningCall): TendrilError {
  const { plugin, handler } = running.run;
  const details: ErrorDetails = { plugin: plugin.id, handler, ...error.details };
  const isThrottled = error.code === 'UPSTREAM_THROTTLED' || error.code === 'UPSTREAM_UNAVAILABLE';
  const waitMs = isThrottled && error.details['retryAfterMs'] === undefined ? running.egress.retryAfterMs : undefined;
  return new TendrilError(error.code, waitMs === undefined ? details : { ...details, retryAfterMs: waitMs }, {
    cause: withoutContent(error),
  });
}

function codeOf(error: unknown): string | undefined {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

function nameOf(error: unknown): string {
  return error instanceof Error && /^[A-Za-z]{1,60}$/.test(error.name) ? error.name : typeof error;
}

/** Where it happened, which helps to mend it, and nothing of what it said. */
function withoutContent(error: unknown): Error {
  const bare = new Error(nameOf(error));
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  bare.stack = [bare.message, ...frames].join('\n');
  return bare;
}
