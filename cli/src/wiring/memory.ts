import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const GROWTH_PERCENT = 40;
const SETTLE_AFTER_MS = 1_000;

type Collect = (options: { readonly type: 'major'; readonly execution: 'async'; readonly flavor: 'last-resort' }) => Promise<void>;

/**
 * Lets heaps grow by 40% between two collections where V8 would let them double or more: a fifth of the memory under
 * load for a few hundredths of the processor time.
 */
export function boundMemory(): void {
  setFlagsFromString(`--heap-growing-percent=${String(GROWTH_PERCENT)}`);
}

/** Soon after a start gives back what starting took: nothing else would collect it while the hub idles. */
export function settleMemory(): void {
  setTimeout(() => void collectTwice(), SETTLE_AFTER_MS).unref();
}

async function collectTwice(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  // Code that only the start ran is dropped when two collections have found it unused.
  await collect({ type: 'major', execution: 'async', flavor: 'last-resort' });
  await collect({ type: 'major', execution: 'async', flavor: 'last-resort' });
}
