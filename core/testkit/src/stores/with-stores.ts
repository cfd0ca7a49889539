import { ManualClock } from './stores-fixture.ts';
import type { OpenedStores, OpenStores } from './stores-fixture.ts';

/** Opened stores with the clock that they run on. */
export interface TestedStores extends OpenedStores {
  readonly clock: ManualClock;
}

/** Runs a test on fresh stores and closes them whatever comes. */
export function withStores(open: OpenStores, test: (opened: TestedStores) => Promise<void>): () => Promise<void> {
  return async () => {
    const clock = new ManualClock();
    const opened = await open(clock);
    try {
      await test({ ...opened, clock });
    } finally {
      await opened.close();
    }
  };
}
