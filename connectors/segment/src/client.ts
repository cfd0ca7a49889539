import type { Analytics, HTTPClient } from '@segment/analytics-node';
import { TendrilError } from '@tendril/plugin-api';
import type { Call, ErrorCode } from '@tendril/plugin-api';

/** A message of the library's own type, already with its id. */
type Send = (analytics: Analytics, settled: () => void) => void;

/** What the actions ask of Segment. Every method throws errors of the catalogue only. */
export interface SegmentClient {
  /** Resolves when the service has acknowledged the one message that `send` hands to the library. */
  deliver(send: Send): Promise<void>;
  /** Asks whether a source has the write key. */
  probe(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
}

const LIMIT_BYTES = 32 * 1024;
const ENDPOINT = 'https://api.segment.io';
const SETTINGS_ENDPOINT = 'https://cdn.segment.com';

function field(call: Call, name: string, otherwise: string): string {
  const value = call.connection.values[name];
  return typeof value === 'string' && value !== '' ? value.replace(/\/+$/, '') : otherwise;
}

function toAnswer(response: Response): Answer {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return { status: response.status, retryAfterMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined };
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return 'UPSTREAM_UNAUTHORIZED';
  if (status === 429) return 'UPSTREAM_THROTTLED';
  return status === 408 || status >= 500 ? 'UPSTREAM_UNAVAILABLE' : 'UPSTREAM_REJECTED';
}

function toTendrilError({ status, retryAfterMs }: Answer): TendrilError {
  return new TendrilError(codeOf(status), { service: 'segment', status, ...(retryAfterMs !== undefined && { retryAfterMs }) });
}

/** Opens the connection of the running call. No request is made yet. */
export function openSegment(call: Call): SegmentClient {
  const writeKey = field(call, 'writeKey', '');
  if (writeKey === '') throw new TendrilError('CONNECTION_INVALID', { connection: call.connection.name, field: 'writeKey' });

  function failed(error: unknown): TendrilError {
    if (TendrilError.is(error)) return error;
    return new TendrilError(call.signal.aborted ? 'ACTION_ABORTED' : 'UPSTREAM_UNAVAILABLE', { service: 'segment' });
  }

  return {
    async deliver(send) {
      const { Analytics } = await import('@segment/analytics-node');
      const answer = await new Promise<Answer>((resolve, reject) => {
        const httpClient: HTTPClient = {
          async makeRequest({ url, method, headers, body }) {
            try {
              const response = await call.fetch(url, { method, headers, body, signal: call.signal });
              await response.body?.cancel();
              resolve(toAnswer(response));
              // Without the headers: told to wait by Retry-After, the library would wait and send again by itself.
              return { status: response.status, statusText: response.statusText };
            } catch (error) {
              reject(failed(error));
              throw error;
            }
          },
        };
        // One message, sent at once and never again: its queue and its retries have nothing to do.
        const analytics = new Analytics({ writeKey, host: field(call, 'endpoint', ENDPOINT), flushAt: 1, maxRetries: 0, httpClient });
        // The callback comes 300 ms after the answer, or without one: the library does not send what is too large.
        send(analytics, () =>
          reject(
            new TendrilError('UPSTREAM_REJECTED', { service: 'segment', reason: 'the message is too large', limitBytes: LIMIT_BYTES }),
          ),
        );
      });
      if (answer.status < 200 || answer.status > 299) throw toTendrilError(answer);
    },
    async probe() {
      const url = `${field(call, 'settingsEndpoint', SETTINGS_ENDPOINT)}/v1/projects/${encodeURIComponent(writeKey)}/settings`;
      let response: Response;
      try {
        response = await call.fetch(url, { signal: call.signal });
        await response.body?.cancel();
      } catch (error) {
        throw failed(error);
      }
      if (response.status === 404) throw new TendrilError('UPSTREAM_UNAUTHORIZED', { service: 'segment', status: 404 });
      if (!response.ok) throw toTendrilError(toAnswer(response));
    },
  };
}
