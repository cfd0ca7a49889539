/**
 * The wire between the hub and a plugin's process: `length (4 bytes, big endian) kind (1 byte) payload`, over the child's
 * stdin and stdout, so that the same works for `docker run -i`. A message is JSON; bytes are those of one stream, whose
 * number stands in front of them (4 bytes, big endian).
 */
export type Frame =
  { readonly kind: 'message'; readonly text: string } | { readonly kind: 'bytes'; readonly stream: number; readonly bytes: Uint8Array };

/** What came is no frame. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

const HEADER_BYTES = 5;
const MESSAGE = 0;
const BYTES = 1;
const STREAM_BYTES = 4;
const NOTHING = Buffer.alloc(0);

/** Bytes of one message. */
export function encodeMessage(message: unknown): Buffer {
  const text = JSON.stringify(message);
  const sizeBytes = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + sizeBytes);
  frame.writeUInt32BE(sizeBytes, 0);
  frame.writeUInt8(MESSAGE, 4);
  frame.write(text, HEADER_BYTES);
  return frame;
}

/** Bytes of one piece of a stream. */
export function encodeBytes(stream: number, bytes: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + STREAM_BYTES + bytes.byteLength);
  frame.writeUInt32BE(STREAM_BYTES + bytes.byteLength, 0);
  frame.writeUInt8(BYTES, 4);
  frame.writeUInt32BE(stream, HEADER_BYTES);
  frame.set(bytes, HEADER_BYTES + STREAM_BYTES);
  return frame;
}

/** Cuts what arrives into frames. Keeps at most one unfinished frame, of at most the limit. */
export class FrameReader {
  readonly #limitBytes: number;
  #pieces: Buffer[] = [];
  #heldBytes = 0;
  #wantedBytes = HEADER_BYTES;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** @throws FrameError for a length above the limit or an unknown kind; nothing can be read after that */
  read(chunk: Buffer): readonly Frame[] {
    this.#pieces.push(chunk);
    this.#heldBytes += chunk.byteLength;
    if (this.#heldBytes < this.#wantedBytes) return [];
    const held = this.#pieces.length === 1 ? chunk : Buffer.concat(this.#pieces, this.#heldBytes);
    const frames: Frame[] = [];
    let at = 0;
    this.#wantedBytes = HEADER_BYTES;
    while (held.byteLength - at >= HEADER_BYTES) {
      const frameBytes = HEADER_BYTES + this.#lengthAt(held, at);
      if (held.byteLength - at < frameBytes) {
        this.#wantedBytes = frameBytes;
        break;
      }
      frames.push(toFrame(held.readUInt8(at + 4), held.subarray(at + HEADER_BYTES, at + frameBytes)));
      at += frameBytes;
    }
    this.#heldBytes = held.byteLength - at;
    this.#pieces = this.#heldBytes === 0 ? [] : [held.subarray(at)];
    return frames;
  }

  #lengthAt(held: Buffer, at: number): number {
    const length = held.readUInt32BE(at);
    if (length > this.#limitBytes) throw new FrameError('the frame is larger than the limit');
    return length;
  }
}

function toFrame(kind: number, payload: Buffer): Frame {
  if (kind === MESSAGE) return { kind: 'message', text: payload.toString('utf8') };
  if (kind !== BYTES || payload.byteLength < STREAM_BYTES) throw new FrameError('the frame is of no known kind');
  return { kind: 'bytes', stream: payload.readUInt32BE(0), bytes: payload.subarray(STREAM_BYTES) };
}

/** Gathers the frames of one turn and hands them over at once. */
export class FrameWriter {
  readonly #write: (bytes: Buffer) => void;
  #frames: Buffer[] = [];
  #isPlanned = false;

  constructor(write: (bytes: Buffer) => void) {
    this.#write = write;
  }

  post(frame: Buffer): void {
    this.#frames.push(frame);
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(() => this.flush());
  }

  flush(): void {
    this.#isPlanned = false;
    const frames = this.#frames;
    if (frames.length === 0) return;
    this.#frames = [];
    this.#write(frames.length === 1 ? (frames[0] ?? NOTHING) : Buffer.concat(frames));
  }
}
