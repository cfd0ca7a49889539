import { TendrilError } from '@tendril/plugin-api';
import type { ByteStreams, IncomingBytes, OutgoingBytes } from '../protocol/byte-streams.ts';
import { AskedInput } from './asked-input.ts';
import type { OpenCall } from './open-call.ts';

const LARGEST_WHOLE_BODY_BYTES = 64 * 1024 * 1024;
const REDIRECTS = ['follow', 'manual', 'error'] as const;

/** The streams of one call. */
export interface CallStreams {
  readonly streams: ByteStreams;
  /** Takes up a stream whose number the plugin's end chose. @throws TendrilError INPUT_INVALID when it is not a new one */
  readonly claim: (open: OpenCall, stream: unknown) => number;
}

/** Answers `call.fetch` and the global `fetch` of a plugin's process. The body of the answer follows as a stream. */
export async function serveFetch(
  open: OpenCall,
  member: 'fetch' | 'plainFetch',
  input: AskedInput,
  { streams, claim }: CallStreams,
  signal: AbortSignal,
): Promise<unknown> {
  const head = input.object(0);
  const answer = streams.send(claim(open, head['answer']));
  const url = new AskedInput([head['url']]).text(0);
  const init: RequestInit & { duplex?: 'half' } = { method: methodOf(head['method']), headers: headersOf(head['headers']), signal };
  const redirect = REDIRECTS.find((each) => each === head['redirect']);
  if (redirect !== undefined) init.redirect = redirect;
  if (head['body'] !== undefined) await addBody(init, new AskedInput([head['body']]).object(0), open, { streams, claim });
  const response = member === 'fetch' ? await open.call.fetch(url, init) : await plainFetch(open, url, init);
  const { status, statusText, redirected, body } = response;
  if (body !== null) void sendBody(body, answer, open);
  return { status, statusText, headers: [...response.headers], url: response.url, isRedirected: redirected, hasBody: body !== null };
}

async function plainFetch({ scope }: OpenCall, url: string, init: RequestInit): Promise<Response> {
  if (scope === undefined) throw new TendrilError('EGRESS_DENIED', { reason: 'nothing may be reached outside of a handler' });
  return scope.plainFetch(url, init);
}

async function addBody(
  init: RequestInit & { duplex?: 'half' },
  body: Readonly<Record<string, unknown>>,
  open: OpenCall,
  { streams, claim }: CallStreams,
): Promise<void> {
  const incoming = streams.receive(claim(open, body['stream']));
  if (body['isWhole'] === true) {
    init.body = await readWhole(incoming);
  } else {
    init.body = toStream(incoming);
    init.duplex = 'half';
  }
}

async function readWhole(incoming: IncomingBytes): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for (let piece = await incoming.read(); piece !== undefined; piece = await incoming.read()) {
    sizeBytes += piece.byteLength;
    if (sizeBytes > LARGEST_WHOLE_BODY_BYTES)
      throw new TendrilError('PLUGIN_LIMIT_EXCEEDED', { reason: 'the body is too large', limitBytes: LARGEST_WHOLE_BODY_BYTES });
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function toStream(incoming: IncomingBytes): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const piece = await incoming.read();
        if (piece === undefined) controller.close();
        else controller.enqueue(piece);
      },
      cancel: () => incoming.cancel(),
    },
    { highWaterMark: 0 },
  );
}

/** Reads on only as fast as the plugin does. */
async function sendBody(body: ReadableStream<Uint8Array>, answer: OutgoingBytes, open: OpenCall): Promise<void> {
  const reader = body.getReader();
  const stop = (error: unknown): void => {
    answer.close(error);
    void reader.cancel(error).catch(() => undefined);
  };
  open.closing.add(stop);
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) await answer.write(next.value);
    answer.end();
  } catch (error) {
    answer.fail(error);
    void reader.cancel(error).catch(() => undefined);
  } finally {
    open.closing.delete(stop);
  }
}

function methodOf(method: unknown): string {
  return typeof method === 'string' ? method : 'GET';
}

function headersOf(headers: unknown): Headers {
  const made = new Headers();
  for (const pair of Array.isArray(headers) ? (headers as readonly unknown[]) : []) {
    if (Array.isArray(pair)) made.append(String(pair[0]), String(pair[1]));
  }
  return made;
}
