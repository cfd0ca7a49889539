import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { TendrilError } from '@tendril/plugin-api';
import { fromWireError } from './store-error.ts';
import type { Methods, WorkerReply, WorkerRequest, WorkerSettings, WorkerStart } from './worker-messages.ts';

// What a thread makes is short-lived: a larger nursery would cost memory and spare nothing.
const THREAD_MEMORY = { maxYoungGenerationSizeMb: 12 };
// Two, so that the worker always has a group to go on with while the next one gathers here.
const MESSAGES_IN_FLIGHT = 2;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: TendrilError) => void;
}

/** The main thread's end of a worker: calls its methods, several requests in one message. */
export class WorkerClient<Served extends Methods> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #inFlight: { remaining: number }[] = [];
  readonly #messageOf = new Map<number, { remaining: number }>();
  #gathered: WorkerRequest[] = [];
  #lastId = 0;
  #isFlushPlanned = false;
  #failure: TendrilError | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (replies: readonly WorkerReply[]) => this.#settle(replies));
    worker.on('error', (error) =>
      this.#fail(new TendrilError('STORE_UNAVAILABLE', { reason: 'the thread of the store failed' }, { cause: error })),
    );
    worker.on('exit', () => this.#fail(new TendrilError('STORE_UNAVAILABLE', { reason: 'the store is closed' })));
  }

  /**
   * Starts `name` of this folder as a worker.
   *
   * @throws TendrilError STORE_UNAVAILABLE, STORE_NEWER when the database does not open
   */
  static async start<Served extends Methods>(name: string, settings: WorkerSettings): Promise<WorkerClient<Served>> {
    const worker = new Worker(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url), {
      workerData: settings,
      resourceLimits: THREAD_MEMORY,
    });
    const { promise, resolve, reject } = Promise.withResolvers<WorkerStart>();
    worker.once('message', resolve);
    worker.once('error', reject);
    const start = await promise;
    worker.off('error', reject);
    if (start.isOpen) return new WorkerClient<Served>(worker);
    await worker.terminate();
    throw fromWireError(start.error);
  }

  /** Calls a method in the worker. Resolves when it has answered, which for a write is when it is on disk. */
  call<Name extends keyof Served & string>(method: Name, ...args: Parameters<Served[Name]>): Promise<Awaited<ReturnType<Served[Name]>>> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    if (this.#failure !== undefined) reject(this.#failure);
    else this.#gather([(this.#lastId += 1), method, args], { resolve, reject });
    // The worker serves exactly these methods: its entry file passes the same type to `serve…`.
    return promise as Promise<Awaited<ReturnType<Served[Name]>>>;
  }

  /** Lets what was asked come to its end, then stops the thread. */
  async close(): Promise<void> {
    while (this.#waiting.size > 0) await new Promise((resolve) => setImmediate(resolve));
    this.#failure ??= new TendrilError('STORE_UNAVAILABLE', { reason: 'the store is closed' });
    await this.#worker.terminate();
  }

  #gather(request: WorkerRequest, waiting: Waiting): void {
    this.#waiting.set(request[0], waiting);
    this.#gathered.push(request);
    if (this.#isFlushPlanned || this.#inFlight.length >= MESSAGES_IN_FLIGHT) return;
    this.#isFlushPlanned = true;
    setImmediate(() => {
      this.#isFlushPlanned = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#gathered.length === 0 || this.#inFlight.length >= MESSAGES_IN_FLIGHT) return;
    const message = { remaining: this.#gathered.length };
    this.#inFlight.push(message);
    for (const [id] of this.#gathered) this.#messageOf.set(id, message);
    this.#worker.postMessage(this.#gathered);
    this.#gathered = [];
  }

  #settle(replies: readonly WorkerReply[]): void {
    for (const [id, result, error] of replies) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      this.#arrived(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(fromWireError(error));
    }
    // After the answers' own continuations, so that what they ask next goes along.
    setImmediate(() => this.#flush());
  }

  #arrived(id: number): void {
    const message = this.#messageOf.get(id);
    this.#messageOf.delete(id);
    if (message === undefined) return;
    message.remaining -= 1;
    if (message.remaining === 0) this.#inFlight.splice(this.#inFlight.indexOf(message), 1);
  }

  #fail(error: TendrilError): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#failure);
    this.#waiting.clear();
    this.#gathered = [];
  }
}
