import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';
import type { RequestSpec } from './request-spec.ts';

/** An answer as expressions see it. */
export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: JsonObject;
  /** Null where there is none, or where it could not be read. */
  readonly body: Json;
}

/** An answer, and whether its body is what was asked for. */
export interface ReadAnswer {
  readonly answer: Answer;
  readonly problem: string | undefined;
}

/** Reads an answer to its end. @throws TendrilError UPSTREAM_REJECTED when it is too large, UPSTREAM_UNAVAILABLE when it breaks off */
export async function readAnswer(response: Response, type: NonNullable<RequestSpec['responseType']>): Promise<ReadAnswer> {
  const { status } = response;
  const headers = Object.fromEntries(response.headers);
  if (type === 'none' && response.ok) {
    await response.body?.cancel();
    return { answer: { status, headers, body: null }, problem: undefined };
  }
  if (type === 'base64' && response.ok) {
    const bytes = Buffer.from(await response.arrayBuffer());
    return { answer: { status, headers, body: bytes.toString('base64') }, problem: undefined };
  }
  const text = await response.text();
  if (type === 'text' && response.ok) return { answer: { status, headers, body: text }, problem: undefined };
  const { body, problem } = parse(text, response.headers.get('content-type') ?? '');
  return { answer: { status, headers, body }, problem };
}

/** Many services send JSON under another name; a page for people is none, whatever it holds. */
function parse(text: string, contentType: string): { readonly body: Json; readonly problem: string | undefined } {
  if (text.trim() === '') return { body: null, problem: undefined };
  if (/^\s*text\/html\b/i.test(contentType)) return { body: null, problem: 'the answer is a web page and no JSON' };
  try {
    return { body: JSON.parse(text) as Json, problem: undefined };
  } catch {
    return { body: null, problem: 'the answer is no JSON' };
  }
}

/** @throws TendrilError for what the status says by itself; nothing for 2xx and what the manifest accepts */
export function assertStatus({ answer: { status }, problem }: ReadAnswer, accepts: readonly number[]): void {
  const details = { status };
  if ((status >= 200 && status < 300) || accepts.includes(status)) {
    if (problem !== undefined) throw new TendrilError('UPSTREAM_UNAVAILABLE', { ...details, reason: problem });
    return;
  }
  if (status === 401) throw new TendrilError('UPSTREAM_UNAUTHORIZED', details);
  if (status === 429) throw new TendrilError('UPSTREAM_THROTTLED', details);
  if (status === 408 || status === 425 || status >= 500) throw new TendrilError('UPSTREAM_UNAVAILABLE', details);
  throw new TendrilError('UPSTREAM_REJECTED', details);
}
