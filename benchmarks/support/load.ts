import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TrafficShape } from './events.ts';

/** What to send, how fast and for how long. */
export interface LoadOptions {
  readonly url: string;
  readonly writeKey: string;
  readonly connections: number;
  readonly batchSize: number;
  readonly shape: TrafficShape;
  /** Sent, but not measured. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Sends so many instead of for so long. */
  readonly events?: number;
  /** As fast as answers come without it. */
  readonly eventsPerSecond?: number;
  /** Message ids count on from here: give each run the `nextId` of the one before. */
  readonly firstId: number;
}

/** What came of it. Latencies are of whole batches. */
export interface LoadReport {
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly refusedBatches: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly bytesOfEvent: number;
  readonly cpuMicroseconds: number;
  readonly nextId: number;
}

/** Runs a load in a process of its own. @throws Error when that process ends before it has reported */
export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const child: ChildProcess = fork(fileURLToPath(new URL('./load-process.ts', import.meta.url)), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  return new Promise((resolve, reject) => {
    child.on('message', ({ report }: { readonly report: LoadReport }) => resolve(report));
    child.on('exit', (code) => reject(new Error(`the load generator ended with ${String(code)}`)));
    child.send(options);
  });
}
