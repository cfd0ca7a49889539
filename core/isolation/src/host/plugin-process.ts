import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { TendrilError } from '@tendril/plugin-api';
import { outside } from '@tendril/engine/plugins';
import { encodeBytes, encodeMessage, FrameReader, FrameWriter } from '../protocol/frames.ts';
import { LARGEST_PLUGIN_FRAME_BYTES } from '../protocol/messages.ts';
import type { HubMessage, PluginMessage } from '../protocol/messages.ts';
import { fromWireError } from '../protocol/wire-error.ts';
import { CallTable } from './call-table.ts';
import { commandOf } from './command.ts';
import type { ProcessOwner } from './command.ts';
import type { ChildCode } from './child-code.ts';
import type { Invocation } from './open-call.ts';
import type { Happening, Limits } from './options.ts';
import { ProcessWatch } from './process-watch.ts';
import { MessageError, readPluginMessage } from './read-plugin-message.ts';

/** What is to be run, and who hears of it. */
export interface ProcessOptions extends ProcessOwner {
  /** Path of the entry module inside the folder. */
  readonly entry: string;
  readonly handlers: readonly string[];
  readonly tables: readonly string[];
  readonly code: ChildCode;
  readonly limits: Limits;
  readonly report: (happening: Happening) => void;
}

const COMMAND_ENDS_MS = 5_000;
const OUT_OF_HEAP = /heap out of memory|Reached heap limit/;

/** One process of one plugin and tenant, from its start to its end. It is started once and never again. */
export class PluginProcess {
  /** Settles when the plugin is set up, or cannot be. */
  readonly ready: Promise<void>;
  readonly #options: ProcessOptions;
  readonly #isNode: boolean;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #writer: FrameWriter;
  readonly #reader = new FrameReader(LARGEST_PLUGIN_FRAME_BYTES);
  readonly #calls: CallTable;
  readonly #watch: ProcessWatch;
  readonly #ended = Promise.withResolvers<void>();
  readonly #readiness = Promise.withResolvers<void>();
  #state: 'starting' | 'ready' | 'stopping' | 'ended' = 'starting';
  #isStopClean = false;
  #happening: Happening | undefined;
  #isOutOfHeap = false;
  /** Signs of life that it was asked for and has not given. */
  #openPings = 0;

  /** @throws TendrilError CONFIG_INVALID */
  constructor(options: ProcessOptions) {
    this.#options = options;
    const { file, words, isNode } = commandOf(options, options.code, options.limits);
    // Outside of any handler: what arrives belongs to whichever call it names.
    this.#isNode = isNode;
    this.#child = outside(() =>
      spawn(file, words, {
        env: isNode ? {} : { ...options.limits.commandEnvironment },
        cwd: options.folder,
        stdio: ['pipe', 'pipe', 'pipe'],
      }),
    );
    this.ready = this.#readiness.promise;
    this.ready.catch(() => undefined);
    this.#writer = outside(() => new FrameWriter((bytes) => this.#child.stdin.write(bytes)));
    this.#calls = new CallTable({
      post: (message) => {
        this.#post(message);
        if (message.type === 'reply') this.#holdUnread();
      },
      postBytes: (stream, bytes) => this.#writer.post(encodeBytes(stream, bytes)),
      tooManyAborted: () => this.#kill({ kind: 'hung', reason: 'its handlers do not end when their time is up' }),
      limits: options.limits,
      plugin: options.plugin,
      report: options.report,
    });
    this.#watch = outside(
      () =>
        new ProcessWatch({
          pid: isNode ? this.#child.pid : undefined,
          limits: options.limits,
          isBusy: () => this.#state === 'starting' || this.#calls.size > 0,
          isAborting: () => this.#calls.aborted > 0,
          ping: () => this.#ping(),
          kill: (happening) => this.#kill(happening),
        }),
    );
    this.#listen();
    const { plugin, entry, handlers, tables } = options;
    this.#post({ type: 'start', plugin, entry, handlers, tables });
    this.#writer.flush();
  }

  /** Not while it is being ended: what it was handed then would count as begun. */
  get isUsable(): boolean {
    return this.#happening === undefined && (this.#state === 'starting' || this.#state === 'ready');
  }

  get isReady(): boolean {
    return this.isUsable && this.#state === 'ready';
  }

  /** Calls that it works on, without those that were given up. */
  get openCalls(): number {
    return this.#calls.size - this.#calls.aborted;
  }

  /** Whether it takes in what is sent. */
  get isKeepingUp(): boolean {
    return !this.#child.stdin.writableNeedDrain;
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  onDrain(listener: () => void): void {
    this.#child.stdin.once('drain', listener);
  }

  invoke(invocation: Invocation): Promise<unknown> {
    return this.#calls.open(invocation);
  }

  /** Runs the stop hooks, then ends it. @returns whether the hooks went well */
  async stop(): Promise<boolean> {
    if (this.#state === 'ended') return this.#isStopClean;
    const wasReady = this.#state === 'ready';
    this.#state = 'stopping';
    if (wasReady) this.#post({ type: 'stop' });
    const timer = setTimeout(() => this.#endIt(), wasReady ? this.#options.limits.stopLimitMs : 0);
    await this.ended;
    clearTimeout(timer);
    return this.#isStopClean || !wasReady;
  }

  /** For when nothing can wait. */
  killNow(): void {
    this.#state = 'stopping';
    this.#endIt();
  }

  #post(message: HubMessage): void {
    this.#writer.post(encodeMessage(message));
  }

  #ping(): void {
    this.#openPings += 1;
    this.#post({ type: 'ping' });
  }

  /** A process that asks and never reads would have the hub keep all its answers. */
  #holdUnread(): void {
    if (this.#child.stdin.writableLength > this.#options.limits.unreadLimitBytes)
      this.#kill({ kind: 'flooded', reason: 'it does not read what it asks for' });
  }

  #listen(): void {
    const child = this.#child;
    const startTimer = setTimeout(
      () => this.#kill({ kind: 'hung', reason: 'the plugin was not set up in time' }),
      this.#options.limits.startLimitMs,
    );
    void this.ready.then(
      () => clearTimeout(startTimer),
      () => clearTimeout(startTimer),
    );
    child.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    child.stderr.on('data', (chunk: Buffer) => this.#readPrint(chunk));
    // What cannot be written any more is known from the end of the process.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined);
    child.once('error', () => this.#end('could not be started'));
    child.once('close', (code, signal) => this.#end(signal === null ? `ended with ${String(code)}` : `ended by ${signal}`));
  }

  #readPrint(chunk: Buffer): void {
    const text = chunk.toString('utf8');
    if (OUT_OF_HEAP.test(text)) this.#isOutOfHeap = true;
    this.#options.limits.onPrint?.(this.#options.plugin, this.#options.tenantId, text);
    this.#watch.notePrint(chunk.byteLength);
  }

  #read(chunk: Buffer): void {
    if (this.#state === 'ended' || this.#happening !== undefined) return;
    this.#watch.noteLife(false);
    try {
      for (const frame of this.#reader.read(chunk)) {
        if (frame.kind === 'bytes') this.#calls.takeBytes(frame.stream, frame.bytes);
        else this.#take(readPluginMessage(frame.text), frame.text.length);
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'what it sent is not understood';
      this.#kill({ kind: 'broke_protocol', reason });
    }
  }

  #take(message: PluginMessage, sizeBytes: number): void {
    switch (message.type) {
      case 'alive':
        if (this.#openPings === 0) throw new MessageError('a sign of life that nobody asked for');
        this.#openPings -= 1;
        this.#watch.noteLife(true);
        break;
      case 'ready':
        this.#calls.noteIdle();
        this.#becomeReady(message.missing, message.surplus);
        break;
      case 'faulty':
        this.#calls.noteIdle();
        this.#failStart(fromWireError(message.error));
        break;
      case 'stopped':
        this.#calls.noteIdle();
        this.#isStopClean = message.isClean;
        break;
      default:
        this.#calls.take(message, sizeBytes);
    }
  }

  #becomeReady(missing: readonly string[], surplus: readonly string[]): void {
    if (this.#state !== 'starting') return;
    const { plugin } = this.#options;
    if (missing.length > 0 || surplus.length > 0) {
      this.#failStart(new TendrilError('PLUGIN_IMPLEMENTATION_MISMATCH', { plugin, missing, surplus }));
    } else {
      this.#state = 'ready';
      this.#readiness.resolve();
    }
  }

  /** The plugin itself is at fault, and has said so: no incident. */
  #failStart(error: unknown): void {
    if (this.#state !== 'starting') return;
    this.#readiness.reject(startFailure(this.#options.plugin, error));
    this.killNow();
  }

  /** What runs in place of Node has to end more than itself: a container. */
  #endIt(): void {
    if (this.#isNode) {
      this.#child.kill('SIGKILL');
      return;
    }
    this.#child.kill('SIGTERM');
    setTimeout(() => this.#child.kill('SIGKILL'), COMMAND_ENDS_MS).unref();
  }

  #kill(happening: Happening): void {
    if (this.#state === 'ended' || this.#happening !== undefined) return;
    this.#happening = happening;
    this.#endIt();
  }

  #end(how: string): void {
    if (this.#state === 'ended') return;
    const wasStopping = this.#state === 'stopping';
    this.#state = 'ended';
    this.#watch.stop();
    if (!wasStopping || this.#happening !== undefined) {
      this.#happening ??= this.#isOutOfHeap
        ? { kind: 'out_of_memory', reason: 'its heap was full' }
        : { kind: 'crashed', reason: `its process ${how}` };
      this.#options.report(this.#happening);
    }
    const { plugin } = this.#options;
    const crash = { plugin, incident: this.#happening?.kind ?? 'stopped', reason: this.#happening?.reason ?? 'its process was stopped' };
    this.#readiness.reject(new TendrilError('PLUGIN_CRASHED', { ...crash, isWithoutEffect: true }));
    this.#calls.failAll(() => new TendrilError('PLUGIN_CRASHED', crash));
    this.#ended.resolve();
  }
}

/** What the entry module threw, as the in-process way has it: only what the catalogue names is kept. */
function startFailure(plugin: string, error: unknown): TendrilError {
  if (TendrilError.is(error)) return new TendrilError(error.code, { plugin, ...error.details, isWithoutEffect: true });
  const name = error instanceof Error && /^[A-Za-z]{1,60}$/.test(error.name) ? error.name : 'error';
  return new TendrilError('PLUGIN_FAULTY', { plugin, reason: 'the entry module could not be loaded', error: name, isWithoutEffect: true });
}
