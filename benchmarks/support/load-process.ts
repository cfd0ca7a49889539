/** The load generator: a process of its own, so that the hub's figures hold nothing of it but its share of the machine. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { bytesOfCall, createBatch, fillBatch } from './events.ts';
import type { Batch } from './events.ts';
import type { LoadOptions, LoadReport } from './load.ts';

const HEAD_END = '\r\n\r\n';
const BATCHES_IN_TURN = 50;

process.once('message', (options: LoadOptions) => {
  void run(options).then((report) => process.send?.({ kind: 'end', report }, () => process.exit(0)));
});

async function run(options: LoadOptions): Promise<LoadReport> {
  const url = new URL(options.url);
  const load = new Load(options);
  const batches = Array.from({ length: BATCHES_IN_TURN }, (_, seed) =>
    createBatch(options.batchSize, url.host, options.writeKey, options.shape, seed),
  );
  const connections = Array.from({ length: options.connections }, (_, number) => new Connection(url, load, batches.map(copy), number));
  await Promise.all(connections.map((connection) => connection.run()));
  return load.report(bytesOfCall(batches[0] ?? createBatch(1, '', '', options.shape, 0)));
}

/** What all connections share: the schedule, the ids and the figures. */
class Load {
  readonly #options: LoadOptions;
  readonly #startedAtMs = performance.now();
  readonly #cpuBefore = process.cpuUsage();
  readonly #latencies: number[] = [];
  #random: number;
  #nextId: number;
  #begun = 0;
  #refused = 0;
  #answered = 0;
  #answeredBeforeMeasuring = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#nextId = options.firstId;
    this.#random = options.firstId + 1;
  }

  /** How long to wait before the next batch; `undefined` when there is none any more. */
  waitMs(): number | undefined {
    const { batchSize, seconds, events, eventsPerSecond } = this.#options;
    const passedMs = performance.now() - this.#startedAtMs;
    if (events !== undefined ? this.#begun * batchSize >= events : passedMs >= (this.#options.warmUpSeconds + seconds) * 1_000)
      return undefined;
    if (eventsPerSecond === undefined) return 0;
    return Math.max(0, ((this.#begun * batchSize) / eventsPerSecond) * 1_000 - passedMs);
  }

  begin(batch: Batch): void {
    this.#begun += 1;
    fillBatch(batch, this.#nextId, this.#options.shape, () => this.#draw());
    this.#nextId += this.#options.batchSize;
  }

  end(latencyMs: number, isTaken: boolean): void {
    if (!isTaken) this.#refused += 1;
    else this.#answered += this.#options.batchSize;
    if (performance.now() - this.#startedAtMs < this.#options.warmUpSeconds * 1_000) this.#answeredBeforeMeasuring = this.#answered;
    else this.#latencies.push(latencyMs);
  }

  report(bytesOfEvent: number): LoadReport {
    const tookMs = performance.now() - this.#startedAtMs - this.#options.warmUpSeconds * 1_000;
    const sorted = Float64Array.from(this.#latencies).sort();
    const at = (ratio: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * ratio))] ?? 0;
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    return {
      events: this.#answered,
      eventsPerSecond: ((this.#answered - this.#answeredBeforeMeasuring) / tookMs) * 1_000,
      refusedBatches: this.#refused,
      p50Ms: at(0.5),
      p95Ms: at(0.95),
      p99Ms: at(0.99),
      maxMs: sorted.at(-1) ?? 0,
      bytesOfEvent,
      cpuMicroseconds: user + system,
      nextId: this.#nextId,
    };
  }

  // Park and Miller's: the same people in the same order at each run.
  #draw(): number {
    this.#random = (this.#random * 48_271) % 2_147_483_647;
    return this.#random / 2_147_483_647;
  }
}

/** One keep-alive connection: sends a batch, waits for its answer, and so on. */
class Connection {
  readonly #socket: Socket;
  readonly #load: Load;
  readonly #batches: readonly Batch[];
  #turn: number;
  #sentAtMs = 0;
  #received = '';
  #end: () => void = () => undefined;

  constructor(url: URL, load: Load, batches: readonly Batch[], number: number) {
    this.#load = load;
    this.#batches = batches;
    this.#turn = number;
    this.#socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#take(text));
    this.#socket.on('error', () => this.#end());
    this.#socket.on('close', () => this.#end());
  }

  async run(): Promise<void> {
    const ended = new Promise<void>((resolve) => (this.#end = resolve));
    this.#next();
    await ended;
    this.#socket.destroy();
  }

  #next(): void {
    const waitMs = this.#load.waitMs();
    if (waitMs === undefined) this.#end();
    else if (waitMs > 0) setTimeout(() => this.#next(), waitMs);
    else this.#send();
  }

  #send(): void {
    const batch = this.#batches[(this.#turn += 1) % this.#batches.length];
    if (batch === undefined) return;
    this.#load.begin(batch);
    this.#sentAtMs = performance.now();
    this.#socket.write(batch.request);
  }

  #take(text: string): void {
    this.#received += text;
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#received)?.[1]);
    if (this.#received.length < headEnd + HEAD_END.length + length) return;
    const isTaken = this.#received.startsWith('HTTP/1.1 200') && !this.#received.includes('"errors"', headEnd);
    this.#received = '';
    this.#load.end(performance.now() - this.#sentAtMs, isTaken);
    if (isTaken) this.#next();
    else setTimeout(() => this.#next(), 50);
  }
}

function copy(batch: Batch): Batch {
  return { ...batch, request: Buffer.from(batch.request) };
}
