/** Posts a small JSON body over connections that stay open, one request after another on each: a process of its own. */
import { fork } from 'node:child_process';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';

/** What to send, and for how long. */
export interface WebhookLoad {
  /** Of the address itself. */
  readonly url: string;
  readonly body: string;
  /** What each answer has to hold. */
  readonly expected: string;
  readonly connections: number;
  /** Sent, but not measured. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** What came of it. */
export interface WebhookReport {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Answers with another status than 200, or without what was expected. */
  readonly wrong: number;
}

/** Runs a load in a process of its own. @throws Error when that process ends before it has reported */
export function runWebhookLoad(load: WebhookLoad): Promise<WebhookReport> {
  const child = fork(fileURLToPath(import.meta.url), { execArgv: ['--disable-warning=ExperimentalWarning'] });
  return new Promise((resolve, reject) => {
    child.on('message', (report: WebhookReport) => resolve(report));
    child.on('exit', (code) => reject(new Error(`the load generator ended with ${String(code)}`)));
    child.send(load);
  });
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  process.once('message', (load: WebhookLoad) => {
    void measure(load).then((report) => process.send?.(report, () => process.exit(0)));
  });
}

async function measure(load: WebhookLoad): Promise<WebhookReport> {
  await Promise.all(Array.from({ length: load.connections }, () => post(load, performance.now() + load.warmUpSeconds * 1_000)));
  const times: number[] = [];
  let wrong = 0;
  const from = performance.now();
  const note = (tookMs: number, isRight: boolean): void => {
    times.push(tookMs);
    if (!isRight) wrong += 1;
  };
  await Promise.all(Array.from({ length: load.connections }, () => post(load, from + load.seconds * 1_000, note)));
  const tookSeconds = (performance.now() - from) / 1_000;
  const sorted = Float64Array.from(times).toSorted();
  const at = (ratio: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * ratio))] ?? 0;
  return { perSecond: times.length / tookSeconds, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1), wrong };
}

function post(
  { url, body, expected }: WebhookLoad,
  untilMs: number,
  note: (tookMs: number, isRight: boolean) => void = () => undefined,
): Promise<void> {
  const { hostname, port, host, pathname } = new URL(url);
  const request = Buffer.from(
    `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`,
  );
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.setNoDelay(true);
    let sentMs = 0;
    let answer = '';
    const send = (): void => {
      sentMs = performance.now();
      socket.write(request);
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      if (!isWhole(answer)) return;
      note(performance.now() - sentMs, answer.startsWith('HTTP/1.1 200') && answer.includes(expected));
      answer = '';
      if (performance.now() < untilMs) send();
      else socket.end(resolve);
    });
  });
}

function isWhole(answer: string): boolean {
  const headEnd = answer.indexOf('\r\n\r\n');
  if (headEnd < 0) return false;
  const [, length = '0'] = /\r\ncontent-length: *(\d+)/i.exec(answer.slice(0, headEnd)) ?? [];
  return answer.length >= headEnd + 4 + Number(length);
}
