import type { StreamMessage } from './messages.ts';
import { fromWireError, toWireError } from './wire-error.ts';

/** Bytes on their way that the receiver has not taken in. */
export const WINDOW_BYTES = 256 * 1024;
const PIECE_BYTES = 64 * 1024;

/** How a stream's messages and bytes leave. */
export interface StreamSink {
  post(message: StreamMessage): void;
  postBytes(stream: number, bytes: Uint8Array): void;
  /** Whether errors go to the plugin. */
  readonly isHub: boolean;
}

/** More bytes came than were asked for, or after the end. */
export class StreamViolation extends Error {
  override readonly name = 'StreamViolation';
}

/** The sending half of a stream. */
export class OutgoingBytes {
  readonly #stream: number;
  readonly #sink: StreamSink;
  #credit = WINDOW_BYTES;
  #isOver = false;
  #failure: unknown;
  #wake: (() => void) | undefined;

  constructor(stream: number, sink: StreamSink) {
    this.#stream = stream;
    this.#sink = sink;
  }

  /** Resolves when all of it has left. Rejects when the receiver wants no more. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.byteLength;) {
      while (this.#credit === 0 && !this.#isOver) await new Promise<void>((resolve) => (this.#wake = resolve));
      if (this.#isOver) throw (this.#failure ?? new StreamViolation('the stream is over')) as Error;
      const piece = bytes.subarray(at, at + Math.min(this.#credit, PIECE_BYTES));
      this.#credit -= piece.byteLength;
      at += piece.byteLength;
      this.#sink.postBytes(this.#stream, piece);
    }
  }

  end(): void {
    if (!this.#isOver) this.#sink.post({ type: 'end', stream: this.#stream });
    this.#isOver = true;
  }

  fail(error: unknown): void {
    if (!this.#isOver) this.#sink.post({ type: 'broken', stream: this.#stream, error: toWireError(error, this.#sink.isHub) });
    this.close(error);
  }

  /** The receiver took something in. @throws StreamViolation when it was not sent that much */
  taken(bytes: number): void {
    if (bytes < 1 || this.#credit + bytes > WINDOW_BYTES) throw new StreamViolation('more was taken in than was sent');
    this.#credit += bytes;
    this.#wake?.();
  }

  /** Says nothing to the other side. */
  close(failure: unknown): void {
    this.#isOver = true;
    this.#failure = failure;
    this.#wake?.();
  }
}

/** The receiving half of a stream. */
export class IncomingBytes {
  readonly #stream: number;
  readonly #sink: StreamSink;
  readonly #pieces: Uint8Array[] = [];
  #window = WINDOW_BYTES;
  #takenBytes = 0;
  #state: 'open' | 'ended' | 'failed' = 'open';
  #failure: unknown;
  #wake: (() => void) | undefined;

  constructor(stream: number, sink: StreamSink) {
    this.#stream = stream;
    this.#sink = sink;
  }

  /** The next bytes; `undefined` at the end. @throws what broke the stream */
  async read(): Promise<Uint8Array | undefined> {
    while (this.#pieces.length === 0 && this.#state === 'open') await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#state === 'failed') throw this.#failure;
    const piece = this.#pieces.shift();
    if (piece !== undefined) this.#take(piece.byteLength);
    return piece;
  }

  /** @throws StreamViolation */
  deliver(bytes: Uint8Array): void {
    if (this.#state === 'ended' || bytes.byteLength === 0 || bytes.byteLength > this.#window)
      throw new StreamViolation('more bytes than were asked for');
    this.#window -= bytes.byteLength;
    if (this.#state === 'failed') return;
    this.#pieces.push(bytes);
    this.#wake?.();
  }

  end(): void {
    if (this.#state === 'open') this.#state = 'ended';
    this.#wake?.();
  }

  /** Nobody reads on: the sender is told to stop. */
  cancel(): void {
    if (this.#state === 'open') this.#sink.post({ type: 'broken', stream: this.#stream });
    this.close(new StreamViolation('the stream was cancelled'));
  }

  /** Says nothing to the other side. */
  close(failure: unknown): void {
    if (this.#state === 'failed') return;
    if (this.#state === 'ended' && this.#pieces.length === 0) return;
    this.#state = 'failed';
    this.#failure = failure;
    this.#pieces.length = 0;
    this.#wake?.();
  }

  #take(bytes: number): void {
    this.#takenBytes += bytes;
    if (this.#takenBytes < WINDOW_BYTES / 4 || this.#state !== 'open') return;
    this.#window += this.#takenBytes;
    this.#sink.post({ type: 'taken', stream: this.#stream, bytes: this.#takenBytes });
    this.#takenBytes = 0;
  }
}

/** The streams of one side, by number. Each has a receiving half, a sending half or both. */
export class ByteStreams {
  readonly #sink: StreamSink;
  readonly #incoming = new Map<number, IncomingBytes>();
  readonly #outgoing = new Map<number, OutgoingBytes>();
  readonly #isKnown: (stream: number) => boolean;

  /** @param isKnown whether a stream that is not open was open once: what is late is no violation */
  constructor(sink: StreamSink, isKnown: (stream: number) => boolean) {
    this.#sink = sink;
    this.#isKnown = isKnown;
  }

  open(stream: number): { readonly incoming: IncomingBytes; readonly outgoing: OutgoingBytes } {
    return { incoming: this.receive(stream), outgoing: this.send(stream) };
  }

  receive(stream: number): IncomingBytes {
    const incoming = new IncomingBytes(stream, this.#sink);
    this.#incoming.set(stream, incoming);
    return incoming;
  }

  send(stream: number): OutgoingBytes {
    const outgoing = new OutgoingBytes(stream, this.#sink);
    this.#outgoing.set(stream, outgoing);
    return outgoing;
  }

  /** Forgets a stream; whoever reads or writes it finds the failure. */
  close(stream: number, failure: unknown): void {
    this.#incoming.get(stream)?.close(failure);
    this.#outgoing.get(stream)?.close(failure);
    this.#incoming.delete(stream);
    this.#outgoing.delete(stream);
  }

  /** @throws StreamViolation */
  takeBytes(stream: number, bytes: Uint8Array): void {
    const incoming = this.#incoming.get(stream);
    if (incoming !== undefined) incoming.deliver(bytes);
    else if (!this.#isKnown(stream)) throw new StreamViolation('no such stream');
  }

  /** @throws StreamViolation */
  take(message: StreamMessage): void {
    const { stream } = message;
    const incoming = this.#incoming.get(stream);
    const outgoing = this.#outgoing.get(stream);
    if (incoming === undefined && outgoing === undefined && !this.#isKnown(stream)) throw new StreamViolation('no such stream');
    if (message.type === 'taken') {
      outgoing?.taken(message.bytes);
    } else if (message.type === 'end') {
      incoming?.end();
    } else {
      const failure = message.error === undefined ? new StreamViolation('the other side wants no more') : fromWireError(message.error);
      incoming?.close(failure);
      outgoing?.close(failure);
    }
  }
}
