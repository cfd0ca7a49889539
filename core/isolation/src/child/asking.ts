import { MOST_OPEN_ASKS } from '../protocol/messages.ts';
import type { HubMessage } from '../protocol/messages.ts';
import { fromWireError } from '../protocol/wire-error.ts';
import type { Transport } from './transport.ts';

interface OpenAsk {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

type Reply = Extract<HubMessage, { readonly type: 'reply' }>;

/** The questions of this process to the hub. */
export class Asking {
  readonly #transport: Transport;
  readonly #open = new Map<number, OpenAsk>();
  readonly #waiting: (() => void)[] = [];
  #last = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** @param signal the asker stops waiting for the answer; the hub is told */
  async ask(call: number, member: string, input: readonly unknown[], signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted();
    if (this.#open.size >= MOST_OPEN_ASKS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const ask = ++this.#last;
    return new Promise((resolve, reject) => {
      // Encoded before anything is kept: what JSON cannot carry throws here.
      this.#transport.post({ type: 'ask', call, ask, member, input });
      const onAbort = (): void => {
        this.#transport.post({ type: 'cancel', ask });
        this.#end(ask)?.reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      const forget = (): void => signal?.removeEventListener('abort', onAbort);
      this.#open.set(ask, {
        resolve: (value) => {
          forget();
          resolve(value);
        },
        reject: (error) => {
          forget();
          reject(error);
        },
      });
    });
  }

  /** Asks and waits for the answer without giving way. @throws what the hub threw */
  askNow(call: number, member: string, input: readonly unknown[]): unknown {
    const ask = ++this.#last;
    this.#transport.post({ type: 'ask', call, ask, member, input });
    const { error, value } = this.#transport.waitForReply(ask);
    if (error !== undefined) throw fromWireError(error);
    return value;
  }

  answer({ ask, error, value }: Reply): void {
    const open = this.#end(ask);
    if (error === undefined) open?.resolve(value);
    else open?.reject(fromWireError(error) as Error);
  }

  #end(ask: number): OpenAsk | undefined {
    const open = this.#open.get(ask);
    this.#open.delete(ask);
    if (open !== undefined) this.#waiting.shift()?.();
    return open;
  }
}
