import { TendrilError } from '@tendril/plugin-api';
import { currentScope } from '@tendril/engine/plugins';
import { ByteStreams } from '../protocol/byte-streams.ts';
import { MOST_LOG_LINES, MOST_OPEN_ASKS } from '../protocol/messages.ts';
import type { HubMessage, PluginMessage } from '../protocol/messages.ts';
import { fromWireError, toWireError } from '../protocol/wire-error.ts';
import { AskedInput } from './asked-input.ts';
import { MEMBERS } from './members.ts';
import type { Invocation, OpenCall } from './open-call.ts';
import type { Happening, Limits } from './options.ts';
import { MessageError } from './read-plugin-message.ts';
import { serveConnect } from './serve-connect.ts';
import { serveFetch } from './serve-fetch.ts';

/** Where messages go. */
export interface CallTableOptions {
  readonly post: (message: HubMessage) => void;
  readonly postBytes: (stream: number, bytes: Uint8Array) => void;
  /** As many calls were given up and did not end as may run at once. */
  tooManyAborted(): void;
  readonly limits: Limits;
  readonly plugin: string;
  readonly report: (happening: Happening) => void;
}

type CallMessage = Exclude<PluginMessage, { readonly type: 'alive' | 'ready' | 'faulty' | 'stopped' }>;
type Ask = Extract<PluginMessage, { readonly type: 'ask' }>;

// Every ask answers once; a few belong to calls that have just ended.
const MOST_ASKS_AT_ONCE = MOST_OPEN_ASKS + 64;
// Messages about what is over: calls that were given up and streams that were cut off leave some on their way.
const MOST_IDLE = 10_000;
const IDLE_FOR_EACH_ASK = 16;

/** The calls that one process works on: hands them over, answers what it asks, and takes what it gives. */
export class CallTable {
  readonly #options: CallTableOptions;
  readonly #calls = new Map<number, OpenCall>();
  readonly #streams: ByteStreams;
  #lastCall = 0;
  #lastAsk = 0;
  #lastStream = 0;
  #openAsks = 0;
  #aborted = 0;
  #idleLeft = MOST_IDLE;

  constructor(options: CallTableOptions) {
    this.#options = options;
    const { post, postBytes } = options;
    this.#streams = new ByteStreams({ post, postBytes, isHub: true }, (stream) => {
      this.noteIdle();
      return stream <= this.#lastStream;
    });
  }

  get size(): number {
    return this.#calls.size;
  }

  /** Calls that were given up and have not ended. */
  get aborted(): number {
    return this.#aborted;
  }

  /** Runs a handler in the process. Rejects with what it threw, or with what its call was aborted for. */
  async open({ handler, method, input, call }: Invocation): Promise<unknown> {
    const number = ++this.#lastCall;
    const { tenant, isTest, settings, idempotencyKey, attempt, clock, signal } = call;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const onAbort = (): void => this.#abort(open, signal.reason);
    const open: OpenCall = {
      number,
      call,
      scope: currentScope(),
      resolve: (value) => {
        signal.removeEventListener('abort', onAbort);
        resolve(value);
      },
      reject: (error) => {
        signal.removeEventListener('abort', onAbort);
        reject(error);
      },
      asks: new Map(),
      streams: new Set(),
      closing: new Set(),
      changes: 0,
      changesBytes: 0,
      logLines: 0,
      isAborted: false,
    };
    const facts = { tenant, isTest, settings, idempotencyKey, attempt, now: clock.now() };
    this.#options.post({ type: 'invoke', call: number, handler, input, facts, ...(method !== undefined && { method }) });
    this.#calls.set(number, open);
    signal.addEventListener('abort', onAbort, { once: true });
    return promise;
  }

  /** @throws MessageError, StreamViolation when no sound process would say this */
  take(message: CallMessage, sizeBytes: number): void {
    switch (message.type) {
      case 'done':
        this.#finish(message.call, (open) => open.resolve(message.value));
        break;
      case 'failed':
        this.#finish(message.call, (open) => open.reject(fromWireError(message.error)));
        break;
      case 'ask':
        this.#takeAsk(message, sizeBytes);
        break;
      case 'cancel':
        this.#cancel(message.ask);
        break;
      case 'log':
        this.#log(message);
        break;
      default:
        // An end comes once for each stream, which a question opened.
        if (message.type !== 'taken') this.noteIdle();
        this.#streams.take(message);
    }
  }

  takeBytes(stream: number, bytes: Uint8Array): void {
    this.#streams.takeBytes(stream, bytes);
  }

  /** A message that changes nothing. @throws MessageError when there are more than questions and answers leave behind */
  noteIdle(): void {
    this.#idleLeft -= 1;
    if (this.#idleLeft < 0) throw new MessageError('more messages than there is cause for');
  }

  failAll(error: () => TendrilError): void {
    for (const open of [...this.#calls.values()]) {
      this.#forget(open, error());
      open.reject(error());
    }
  }

  #finish(number: number, settle: (open: OpenCall) => void): void {
    const open = this.#calls.get(number);
    if (open === undefined) throw new MessageError('an answer to no call');
    this.#forget(open, new TendrilError('CALL_ENDED', { plugin: this.#options.plugin, handler: String(number) }));
    settle(open);
  }

  #forget(open: OpenCall, error: TendrilError): void {
    this.#calls.delete(open.number);
    if (open.isAborted) this.#aborted -= 1;
    this.#close(open, error);
  }

  #close(open: OpenCall, error: unknown): void {
    for (const close of open.closing) close(error);
    open.closing.clear();
    for (const controller of open.asks.values()) controller.abort(error);
    for (const stream of open.streams) this.#streams.close(stream, error);
    open.streams.clear();
  }

  #abort(open: OpenCall, reason: unknown): void {
    if (open.isAborted || !this.#calls.has(open.number)) return;
    open.isAborted = true;
    this.#aborted += 1;
    this.#options.post({ type: 'abort', call: open.number, error: toWireError(reason, true) });
    this.#close(open, reason);
    open.reject(reason);
    if (this.#aborted >= this.#options.limits.mostCalls) this.#options.tooManyAborted();
  }

  #log({ call: number, level, fields, message }: Extract<PluginMessage, { readonly type: 'log' }>): void {
    const open = this.#known(number);
    if (open === undefined) {
      this.noteIdle();
      return;
    }
    open.logLines += 1;
    if (open.logLines > MOST_LOG_LINES) throw new MessageError('more log lines than a call may write');
    open.call.log[level](fields, message);
  }

  /** The call, unless it has ended by now. @throws MessageError when there never was one */
  #known(number: number): OpenCall | undefined {
    if (number < 1 || number > this.#lastCall) throw new MessageError('no such call');
    const open = this.#calls.get(number);
    return open?.isAborted === true ? undefined : open;
  }

  #cancel(ask: number): void {
    if (ask > this.#lastAsk) throw new MessageError('no such question');
    this.noteIdle();
    for (const { asks } of this.#calls.values()) asks.get(ask)?.abort();
  }

  #takeAsk(message: Ask, sizeBytes: number): void {
    const { call, ask } = message;
    if (ask <= this.#lastAsk) throw new MessageError('a question that was asked before');
    this.#lastAsk = ask;
    if (this.#openAsks >= MOST_ASKS_AT_ONCE) throw new MessageError('more questions at once than it may ask');
    const open = this.#known(call);
    if (open === undefined) {
      this.#options.post({
        type: 'reply',
        ask,
        error: toWireError(new TendrilError('CALL_ENDED', { plugin: this.#options.plugin }), true),
      });
      return;
    }
    this.#openAsks += 1;
    this.#idleLeft = Math.min(MOST_IDLE, this.#idleLeft + IDLE_FOR_EACH_ASK);
    void this.#answer(open, message, sizeBytes);
  }

  async #answer(open: OpenCall, { ask, member, input }: Ask, sizeBytes: number): Promise<void> {
    try {
      const value = await this.#serve(open, ask, member, new AskedInput(input), sizeBytes);
      this.#options.post({ type: 'reply', ask, value });
    } catch (error) {
      this.#options.post({ type: 'reply', ask, error: toWireError(error, true) });
    } finally {
      this.#openAsks -= 1;
    }
  }

  async #serve(open: OpenCall, ask: number, member: string, input: AskedInput, sizeBytes: number): Promise<unknown> {
    if (member === 'fetch' || member === 'plainFetch') {
      const controller = new AbortController();
      open.asks.set(ask, controller);
      try {
        return await serveFetch(open, member, input, { streams: this.#streams, claim: this.#claim }, controller.signal);
      } finally {
        open.asks.delete(ask);
      }
    }
    if (member === 'connect') return serveConnect(open, input, { streams: this.#streams, claim: this.#claim });
    const answer = MEMBERS.get(member);
    if (answer === undefined) throw new TendrilError('PERMISSION_DENIED', { plugin: this.#options.plugin, member });
    if (member.startsWith('changes.')) this.#count(open, sizeBytes);
    return answer(open, input);
  }

  #count(open: OpenCall, sizeBytes: number): void {
    const { mostChanges, changesLimitBytes } = this.#options.limits;
    open.changes += 1;
    open.changesBytes += sizeBytes;
    if (open.changes <= mostChanges && open.changesBytes <= changesLimitBytes) return;
    if (open.changes === mostChanges + 1) this.#options.report({ kind: 'flooded', reason: 'a handler gathered more changes than it may' });
    throw new TendrilError('PLUGIN_LIMIT_EXCEEDED', { plugin: this.#options.plugin, reason: 'too many changes', most: mostChanges });
  }

  readonly #claim = (open: OpenCall, stream: unknown): number => {
    if (typeof stream !== 'number' || !Number.isSafeInteger(stream) || stream <= this.#lastStream || stream > 0xffff_ffff)
      throw new TendrilError('INPUT_INVALID', { field: 'stream' });
    this.#lastStream = stream;
    open.streams.add(stream);
    return stream;
  };
}
