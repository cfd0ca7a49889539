import { Duplex } from 'node:stream';
import type { IncomingBytes, OutgoingBytes } from '../protocol/byte-streams.ts';
import type { OpenCall } from './open-call.ts';

/** Where a tunnel leads; `tls` says what the client wants of TLS, and is missing without it. */
export interface TunnelPlace {
  readonly host: string;
  readonly port: number;
  readonly tls?: Readonly<Record<string, unknown>>;
}

/**
 * A connection that the hub has opened and checked, as a socket for Node's own clients: bytes go to the hub and back.
 * TLS, too, is spoken at the hub's end.
 */
export class Tunnel extends Duplex {
  readonly #call: OpenCall;
  readonly #stream: number;
  readonly #incoming: IncomingBytes;
  readonly #outgoing: OutgoingBytes;
  readonly #onCallEnd = (error: unknown): void => void this.destroy(error as Error);
  readonly #opened: Promise<unknown>;
  #idleTimer: NodeJS.Timeout | undefined;
  #idleMs = 0;
  connecting = true;
  /** As of a TLS socket. */
  readonly encrypted: boolean;
  readonly authorized: boolean;
  readonly remoteAddress = undefined;

  constructor(call: OpenCall, place: TunnelPlace) {
    super({ allowHalfOpen: true });
    this.#call = call;
    this.#stream = call.host.nextStream();
    const { incoming, outgoing } = call.host.streams.open(this.#stream);
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    call.closing.add(this.#onCallEnd);
    this.#opened = call.ask('connect', [{ ...place, stream: this.#stream }]);
    this.encrypted = place.tls !== undefined;
    this.authorized = this.encrypted && place.tls?.['rejectUnauthorized'] !== false;
    this.#opened.then(
      () => {
        this.connecting = false;
        this.emit('connect');
        this.emit('ready');
        if (this.encrypted) this.emit('secureConnect');
      },
      (error: unknown) => this.destroy(error as Error),
    );
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#touch();
    this.#opened
      .then(() => this.#outgoing.write(chunk))
      .then(
        () => callback(),
        (error: unknown) => callback(error as Error),
      );
  }

  override _read(): void {
    this.#incoming.read().then(
      (piece) => {
        this.#touch();
        this.push(piece === undefined ? null : Buffer.from(piece));
      },
      (error: unknown) => this.destroy(error as Error),
    );
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#outgoing.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearTimeout(this.#idleTimer);
    this.#call.closing.delete(this.#onCallEnd);
    this.#incoming.cancel();
    this.#outgoing.end();
    this.#call.host.streams.close(this.#stream, error ?? undefined);
    callback(error);
  }

  // What Node's http client expects of a socket.
  setTimeout(idleMs: number, listener?: () => void): this {
    this.#idleMs = idleMs;
    if (listener !== undefined) this.once('timeout', listener);
    this.#touch();
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  #touch(): void {
    clearTimeout(this.#idleTimer);
    if (this.#idleMs > 0) this.#idleTimer = setTimeout(() => this.emit('timeout'), this.#idleMs).unref();
  }
}
