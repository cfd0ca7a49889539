/**
 * Asks for decisions at moments that were fixed beforehand, whatever becomes of the answers: a process of its own. An answer's time
 * counts from the moment at which its question was due, so that a hub that stands still is not asked less.
 */
import { fork } from 'node:child_process';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

/** What to ask, and how often. */
export interface DecideLoad {
  readonly url: string;
  readonly writeKey: string;
  readonly people: number;
  readonly places: number;
  readonly perSecond: number;
  readonly connections: number;
  /** Asked, but not measured. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** What came of it. */
export interface DecideReport {
  readonly answers: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Answers with another status than 200, or without a decision. */
  readonly wrong: number;
  /** Answers with the fallback, which nobody should get. */
  readonly fallbacks: number;
  /** How much of it was this process being late to ask, at the 99th percentile. */
  readonly askedLateP99Ms: number;
}

interface Asked {
  readonly dueMs: number;
  readonly isMeasured: boolean;
}

/** Runs a load in a process of its own. @throws Error when that process ends before it has reported */
export function runDecideLoad(load: DecideLoad): Promise<DecideReport> {
  const child = fork(fileURLToPath(import.meta.url), { execArgv: ['--disable-warning=ExperimentalWarning'] });
  return new Promise((resolve, reject) => {
    child.on('message', (report: DecideReport) => resolve(report));
    child.on('exit', (code) => reject(new Error(`the load generator ended with ${String(code)}`)));
    child.send(load);
  });
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  process.once('message', (load: DecideLoad) => {
    void new Generator(load).run().then((report) => process.send?.(report, () => process.exit(0)));
  });
}

class Generator {
  readonly #load: DecideLoad;
  readonly #idle: Connection[] = [];
  readonly #due: Asked[] = [];
  readonly #times: number[] = [];
  readonly #lateness: number[] = [];
  #random = 7;
  #wrong = 0;
  #fallbacks = 0;
  #open = 0;

  constructor(load: DecideLoad) {
    this.#load = load;
  }

  async run(): Promise<DecideReport> {
    const { connections, perSecond, warmUpSeconds, seconds } = this.#load;
    await Promise.all(Array.from({ length: connections }, async () => this.#idle.push(await this.#connect())));
    const from = performance.now();
    const total = (warmUpSeconds + seconds) * perSecond;
    const measuredFrom = warmUpSeconds * perSecond;
    let next = 0;
    await new Promise<void>((resolve) => {
      const turn = (): void => {
        const now = performance.now();
        for (; next < total && from + (next * 1_000) / perSecond <= now; next += 1)
          this.#due.push({ dueMs: from + (next * 1_000) / perSecond, isMeasured: next >= measuredFrom });
        this.#send();
        if (next >= total && this.#due.length === 0 && this.#open === 0) resolve();
        else setTimeout(turn, 1);
      };
      turn();
    });
    return this.#report((performance.now() - from) / 1_000 - warmUpSeconds);
  }

  #send(): void {
    while (this.#due.length > 0) {
      const connection = this.#idle.pop();
      const asked = connection === undefined ? undefined : this.#due.shift();
      if (connection === undefined || asked === undefined) return;
      if (asked.isMeasured) this.#lateness.push(performance.now() - asked.dueMs);
      this.#open += 1;
      const body = JSON.stringify({
        anonymousId: `a${String(this.#below(this.#load.people))}`,
        place: `place_${String(this.#below(this.#load.places))}`,
      });
      connection.ask(body, (isRight, isFallback) => {
        this.#open -= 1;
        if (asked.isMeasured) this.#times.push(performance.now() - asked.dueMs);
        if (!isRight) this.#wrong += 1;
        if (isFallback) this.#fallbacks += 1;
        this.#idle.push(connection);
        this.#send();
      });
    }
  }

  async #connect(): Promise<Connection> {
    const { hostname, port } = new URL(this.#load.url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new Connection(socket, this.#load);
  }

  #report(tookSeconds: number): DecideReport {
    const sorted = Float64Array.from(this.#times).toSorted();
    const late = Float64Array.from(this.#lateness).toSorted();
    const at = (values: Float64Array, ratio: number): number => values[Math.min(values.length - 1, Math.floor(values.length * ratio))] ?? 0;
    return {
      answers: sorted.length,
      perSecond: sorted.length / tookSeconds,
      p50Ms: at(sorted, 0.5),
      p95Ms: at(sorted, 0.95),
      p99Ms: at(sorted, 0.99),
      maxMs: at(sorted, 1),
      wrong: this.#wrong,
      fallbacks: this.#fallbacks,
      askedLateP99Ms: at(late, 0.99),
    };
  }

  // Park and Miller's: the same people at each run.
  #below(limit: number): number {
    this.#random = (this.#random * 48_271) % 2_147_483_647;
    return this.#random % limit;
  }
}

/** One keep-alive connection with one question on its way at most. */
class Connection {
  readonly #socket: Socket;
  readonly #head: string;
  #received = '';
  #answered: (isRight: boolean, isFallback: boolean) => void = () => undefined;

  constructor(socket: Socket, { url, writeKey }: DecideLoad) {
    this.#socket = socket;
    this.#head = `POST /plugins/profiles/decide HTTP/1.1\r\nHost: ${new URL(url).host}\r\nAuthorization: Bearer ${writeKey}\r\nContent-Type: application/json\r\n`;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#take(text));
    socket.on('close', () => this.#answered(false, false));
  }

  ask(body: string, answered: (isRight: boolean, isFallback: boolean) => void): void {
    this.#answered = answered;
    this.#socket.write(`${this.#head}Content-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`);
  }

  #take(text: string): void {
    this.#received += text;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#received)?.[1]);
    if (this.#received.length < headEnd + 4 + length) return;
    const isRight = this.#received.startsWith('HTTP/1.1 200') && this.#received.includes('"decision":"', headEnd);
    const isFallback = this.#received.includes('"isFallback":true', headEnd);
    this.#received = '';
    this.#answered(isRight, isFallback);
  }
}
