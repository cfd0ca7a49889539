import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import type { OpenStream } from '@tendril/engine/plugins';

/** A request that came out of the hub. */
export interface ReceivedRequest {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the service does with a request: answers, cuts the connection, or says nothing. */
export type Reply =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** A text goes out as it is, anything else as JSON. */
      readonly body?: unknown;
    }
  | { readonly kind: 'cut' }
  | { readonly kind: 'silence' };

/** How a service behaves at the moment. */
export type Responder = (request: ReceivedRequest) => Reply | Promise<Reply>;

const NOBODY: Responder = () => ({ kind: 'answer', status: 500, body: 'nobody plays the service' });
// They are about one connection and not about the message.
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'transfer-encoding',
  'content-encoding',
  'keep-alive',
]);

/**
 * Plays every service that the hub can reach, over streams in memory: no socket is opened and no name is resolved. What
 * the hub's own HTTP clients write and read is real.
 */
export class StandIn {
  readonly #server: Server;
  readonly #places = new WeakMap<object, string>();
  readonly #streams = new Set<Duplex>();
  #responder: Responder = NOBODY;
  #received: ReceivedRequest[] = [];
  #heard: () => void = () => undefined;

  constructor() {
    this.#server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      void this.#take(request, response);
    });
  }

  /** Requests since the last `play`, in the order in which they came. */
  get received(): readonly ReceivedRequest[] {
    return this.#received;
  }

  /** From now on the service behaves so, and has received nothing. */
  play(responder: Responder): void {
    this.#responder = responder;
    this.#received = [];
  }

  /** Resolves when the next request is there. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#heard = resolve;
    });
  }

  readonly openStream: OpenStream = ({ host, port, isSecure }) => {
    const [near, far] = duplexPair();
    const isUsual = port === (isSecure ? 443 : 80);
    this.#places.set(far, `${isSecure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}${isUsual ? '' : `:${port}`}`);
    for (const stream of [near, far]) {
      this.#streams.add(stream);
      stream.on('error', () => undefined);
      stream.on('close', () => this.#streams.delete(stream));
    }
    // What goes with one end goes with the other, as with a socket.
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy(Object.assign(new Error('the connection was cut'), { code: 'ECONNRESET' })));
    this.#server.emit('connection', far);
    return Object.assign(near, LIKE_A_SOCKET);
  };

  close(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#server.close();
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request);
    if (body === undefined) return;
    const received: ReceivedRequest = {
      method: request.method ?? 'GET',
      url: `${this.#places.get(request.socket) ?? ''}${request.url ?? '/'}`,
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      body,
    };
    this.#received.push(received);
    const replying = this.#responder(received);
    this.#heard();
    const reply = await replying;
    if (reply.kind === 'cut') request.socket.destroy();
    else if (reply.kind === 'answer') answer(response, reply);
  }
}

// HTTP clients set these on a connection; a stream in memory has nothing to set.
const LIKE_A_SOCKET = {
  setKeepAlive: () => undefined,
  setNoDelay: () => undefined,
  setTimeout: () => undefined,
  ref: () => undefined,
  unref: () => undefined,
};

function answer(response: ServerResponse, { status, headers = {}, body }: Extract<Reply, { kind: 'answer' }>): void {
  const isText = typeof body === 'string';
  const text = body === undefined ? undefined : isText ? body : JSON.stringify(body);
  const kept = Object.entries(headers).filter(([name]) => !OF_THE_CONNECTION.has(name));
  const type = text === undefined || 'content-type' in headers ? {} : { 'content-type': isText ? 'text/plain' : 'application/json' };
  response.writeHead(status, { ...Object.fromEntries(kept), ...type });
  response.end(text);
}

/** @returns undefined when the caller went away */
async function readAll(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}
