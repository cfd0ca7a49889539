import type { IncomingBytes, OutgoingBytes } from '../protocol/byte-streams.ts';
import type { OpenCall } from './open-call.ts';

/** What the hub tells of an answer, whose body follows as a stream. */
interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly url: string;
  readonly isRedirected: boolean;
  readonly hasBody: boolean;
}

/** A request as it goes to the hub. */
interface RequestHead {
  readonly url: string;
  readonly method?: string | undefined;
  readonly headers: readonly (readonly [string, string])[];
  readonly redirect?: string | undefined;
  /** The body as a stream's number; `isWhole` when it is complete and can be sent again behind a redirect. */
  readonly body?: { readonly stream: number; readonly isWhole: boolean };
  readonly answer: number;
}

interface Body {
  readonly type: string | null;
  readonly isWhole: boolean;
  readonly stream: ReadableStream<Uint8Array>;
}

/** @param member `fetch`, or `plainFetch`, into which no credentials are put */
export async function fetchThroughHub(
  call: OpenCall,
  member: 'fetch' | 'plainFetch',
  url: string | URL,
  init: RequestInit = {},
): Promise<Response> {
  call.assertAlive();
  const { streams } = call.host;
  const headers = new Headers(init.headers);
  const body = describeBody(init.body ?? null);
  if (body?.type !== undefined && body.type !== null && !headers.has('content-type')) headers.set('content-type', body.type);
  const answer = call.host.nextStream();
  const upload = body === undefined ? undefined : call.host.nextStream();
  const head: RequestHead = {
    url: String(url),
    method: init.method,
    headers: [...headers],
    redirect: init.redirect,
    answer,
    ...(body !== undefined && upload !== undefined && { body: { stream: upload, isWhole: body.isWhole } }),
  };
  const incoming = streams.receive(answer);
  const close = (error: unknown): void => {
    streams.close(answer, error);
    if (upload !== undefined) streams.close(upload, error);
  };
  call.closing.add(close);
  const done = (): void => {
    call.closing.delete(close);
    close(undefined);
  };
  try {
    const outgoing = upload === undefined ? undefined : streams.send(upload);
    const asked = call.ask(member, [head], init.signal ?? undefined);
    if (outgoing !== undefined && body !== undefined) void sendAll(body.stream, outgoing);
    return toResponse((await asked) as ResponseHead, incoming, done, init.signal ?? undefined);
  } catch (error) {
    done();
    throw error;
  }
}

function describeBody(body: RequestInit['body']): Body | undefined {
  if (body === null || body === undefined) return undefined;
  const isStream = body instanceof ReadableStream || (typeof body === 'object' && Symbol.asyncIterator in body);
  const made = new Response(body);
  const stream = made.body as ReadableStream<Uint8Array> | null;
  return stream === null ? undefined : { type: made.headers.get('content-type'), isWhole: !isStream, stream };
}

async function sendAll(body: ReadableStream<Uint8Array>, outgoing: OutgoingBytes): Promise<void> {
  try {
    for await (const piece of body) await outgoing.write(piece);
    outgoing.end();
  } catch (error) {
    outgoing.fail(error);
  }
}

function toResponse(head: ResponseHead, incoming: IncomingBytes, done: () => void, signal: AbortSignal | undefined): Response {
  const { status, statusText, headers, url, isRedirected, hasBody } = head;
  if (!hasBody) done();
  const body = hasBody ? toStream(incoming, done, signal) : null;
  const response = new Response(body, { status, statusText, headers: headers.map(([name, value]): [string, string] => [name, value]) });
  Object.defineProperties(response, { url: { value: url }, redirected: { value: isRedirected } });
  return response;
}

function toStream(incoming: IncomingBytes, done: () => void, signal: AbortSignal | undefined): ReadableStream<Uint8Array> {
  const stop = (): void => {
    incoming.cancel();
    done();
  };
  signal?.addEventListener('abort', stop, { once: true });
  const forget = (): void => {
    signal?.removeEventListener('abort', stop);
    done();
  };
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const piece = await incoming.read();
          if (piece !== undefined) {
            controller.enqueue(piece);
            return;
          }
          controller.close();
          forget();
        } catch (error) {
          forget();
          throw signal?.aborted === true ? signal.reason : error;
        }
      },
      cancel: () => {
        incoming.cancel();
        forget();
      },
    },
    { highWaterMark: 0 },
  );
}
