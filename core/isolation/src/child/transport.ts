import { readSync, writeSync } from 'node:fs';
import { TendrilError } from '@tendril/plugin-api';
import { encodeBytes, encodeMessage, FrameReader, FrameWriter } from '../protocol/frames.ts';
import type { Frame } from '../protocol/frames.ts';
import { LARGEST_HUB_FRAME_BYTES, LARGEST_PLUGIN_FRAME_BYTES } from '../protocol/messages.ts';
import type { HubMessage, PluginMessage, StreamMessage } from '../protocol/messages.ts';
import { parseSafely } from '../protocol/safe-json.ts';

const STDIN = 0;
const STDOUT = 1;
const READ_BYTES = 64 * 1024;
const EAGAIN_PAUSE_MS = 0.05;

/** What the hub sent, taken apart. */
export type FromHub = HubMessage | { readonly type: 'bytes'; readonly stream: number; readonly bytes: Uint8Array };

/**
 * The plugin's end of the wire. Takes stdin and stdout for itself; what the plugin prints goes to stderr. Besides sending and
 * receiving, it can wait for an answer without giving way to anything else, for the members of `call` that are not
 * asynchronous.
 */
export class Transport {
  readonly isHub = false;
  readonly #reader = new FrameReader(LARGEST_HUB_FRAME_BYTES);
  readonly #writer = new FrameWriter(writeAll);
  readonly #receive: (message: FromHub) => void;
  readonly #nap = new Int32Array(new SharedArrayBuffer(4));
  #waiting: FromHub[] = [];
  #isDelivering = false;

  constructor(receive: (message: FromHub) => void) {
    this.#receive = receive;
    process.stdin.on('data', (chunk: Buffer) => {
      this.#read(chunk);
      this.#deliver();
    });
    // The hub is gone: nobody is left to work for.
    process.stdin.on('end', () => process.exit(0));
  }

  post(message: PluginMessage | StreamMessage): void {
    this.postEncoded(encodeMessage(message));
  }

  /** A message that is encoded already. @throws TendrilError PLUGIN_LIMIT_EXCEEDED when the hub would not take it */
  postEncoded(frame: Buffer): void {
    if (frame.byteLength > LARGEST_PLUGIN_FRAME_BYTES)
      throw new TendrilError('PLUGIN_LIMIT_EXCEEDED', {
        reason: 'more data at once than a message may carry',
        limitBytes: LARGEST_PLUGIN_FRAME_BYTES,
      });
    this.#writer.post(frame);
  }

  postBytes(stream: number, bytes: Uint8Array): void {
    this.#writer.post(encodeBytes(stream, bytes));
  }

  /** Waits until the question is answered; whatever else comes meanwhile is delivered later, in order. */
  waitForReply(ask: number): Extract<HubMessage, { readonly type: 'reply' }> {
    this.#writer.flush();
    for (;;) {
      const index = this.#waiting.findIndex((message) => message.type === 'reply' && message.ask === ask);
      const [found] = index < 0 ? [] : this.#waiting.splice(index, 1);
      if (found?.type === 'reply') {
        if (this.#waiting.length > 0) setImmediate(() => this.#deliver());
        return found;
      }
      this.#read(this.#readNow());
    }
  }

  flush(): void {
    this.#writer.flush();
  }

  #readNow(): Buffer {
    const chunk = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      try {
        const sizeBytes = readSync(STDIN, chunk);
        if (sizeBytes === 0) process.exit(0);
        return chunk.subarray(0, sizeBytes);
      } catch (error) {
        if (!isBusy(error)) throw error;
        Atomics.wait(this.#nap, 0, 0, EAGAIN_PAUSE_MS);
      }
    }
  }

  #read(chunk: Buffer): void {
    for (const frame of this.#reader.read(chunk)) this.#waiting.push(toMessage(frame));
  }

  #deliver(): void {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#receive(next);
    } finally {
      this.#isDelivering = false;
    }
  }
}

function toMessage(frame: Frame): FromHub {
  return frame.kind === 'bytes'
    ? { type: 'bytes', stream: frame.stream, bytes: frame.bytes }
    : // The hub is what started this process.
      (parseSafely(frame.text) as HubMessage);
}

function writeAll(bytes: Buffer): void {
  const nap = new Int32Array(new SharedArrayBuffer(4));
  for (let at = 0; at < bytes.byteLength;) {
    try {
      at += writeSync(STDOUT, bytes, at);
    } catch (error) {
      if (!isBusy(error)) process.exit(0);
      Atomics.wait(nap, 0, 0, EAGAIN_PAUSE_MS);
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
