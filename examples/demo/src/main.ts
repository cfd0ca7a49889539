// The demo's application: a process of its own, as a real one would be. Ends when the hub that started it ends.
import { replay } from './replay.ts';

const settings = JSON.parse(process.env['TENDRIL_DEMO'] ?? '{}') as {
  url: string;
  writeKey: string;
  secretKey: string;
  stateFile: string;
  leadsPerSecond: number;
};
const stop = new AbortController();
process.once('disconnect', () => stop.abort());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

function report(line: string): void {
  if (process.connected) process.send?.({ line });
}

try {
  await replay({ ...settings, signal: stop.signal, onProgress: report });
} catch (error) {
  if (!stop.signal.aborted) report(`The demo stopped: ${error instanceof Error ? error.message : 'unknown reason'}`);
}
process.disconnect?.();
