import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import type { WakeUps, WorkRole } from '@tendril/engine/ports';

/** What an implementation gives to its suite. */
export interface OpenedWakeUps {
  /** The wake-ups of one more process, on the same server. */
  connect(roles?: readonly WorkRole[]): WakeUps | Promise<WakeUps>;
  /** The server goes, and forgets what it held. */
  lose(): void | Promise<void>;
  restore(): void | Promise<void>;
  close(): Promise<void>;
}

interface Listening {
  readonly wakeUps: WakeUps;
  readonly count: () => number;
}

const WITHIN_MS = 20_000;
const FEW = 20;
const QUIET_MS = 500;

/** The contract of wake-ups. Times are real: a server keeps them. */
export function testWakeUps(name: string, open: () => Promise<OpenedWakeUps>): void {
  describe(`wake-ups: ${name}`, function () {
    this.timeout(60_000);
    let opened: OpenedWakeUps;
    const connected: WakeUps[] = [];

    beforeEach(async () => {
      opened = await open();
    });
    afterEach(async () => {
      await Promise.all(connected.splice(0).map((wakeUps) => wakeUps.close()));
      await opened.close();
    });

    async function connect(roles?: readonly WorkRole[]): Promise<WakeUps> {
      const wakeUps = await opened.connect(roles);
      connected.push(wakeUps);
      await until(() => wakeUps.isConnected());
      return wakeUps;
    }

    async function listen(roles?: readonly WorkRole[]): Promise<Listening> {
      const wakeUps = await connect(roles);
      let count = 0;
      wakeUps.onWake(() => {
        count += 1;
      });
      return { wakeUps, count: () => count };
    }

    it('tell another process that something is due', async () => {
      const api = await connect([]);
      const worker = await listen();
      const before = worker.count();
      api.publish(Date.now());
      await until(() => worker.count() > before);
    });

    it('gather what is published at once', async () => {
      const api = await connect([]);
      const worker = await listen(['worker']);
      await quiet(worker);
      const before = worker.count();
      for (let i = 0; i < 5_000; i += 1) api.publish(Date.now() - 1);
      await until(() => worker.count() > before);
      await quiet(worker);
      assert.ok(worker.count() - before <= FEW, `woken ${String(worker.count() - before)} times`);
    });

    it('come when what is due later is due, not before', async () => {
      const api = await connect([]);
      const worker = await listen(['worker']);
      await quiet(worker);
      const dueAt = Date.now() + 700;
      const before = worker.count();
      const asked = performance.now();
      for (let i = 0; i < 100; i += 1) api.publish(dueAt + (i % 3));
      await until(() => worker.count() > before);
      assert.ok(performance.now() - asked >= 600, `woken after ${String(performance.now() - asked)} ms`);
      assert.ok(worker.count() - before <= FEW);
    });

    it('wake only those whose work it may be', async () => {
      const api = await connect([]);
      const worker = await listen(['worker']);
      const scheduler = await listen(['scheduler']);
      const nobody = await listen([]);
      await Promise.all([quiet(worker), quiet(scheduler)]);
      const before = [worker.count(), scheduler.count()] as const;
      api.publish(0);
      await until(() => worker.count() > before[0] && scheduler.count() > before[1]);
      assert.equal(nobody.count(), 0);
    });

    it('go on to others when somebody publishes that more is due', async () => {
      const [one, two, three] = [await listen(['worker']), await listen(['worker']), await listen(['worker'])];
      const all = [one, two, three];
      const before = all.map(({ count }) => count());
      let left = 200;
      // Each of them finds that it cannot take all.
      for (const { wakeUps } of all) {
        wakeUps.onWake(() => {
          left -= 1;
          if (left > 0) wakeUps.publish(0);
        });
      }
      one.wakeUps.publish(0);
      await until(() => all.every(({ count }, i) => count() > (before[i] ?? 0)));
    });

    it('are left to others by one that has no room, and come to it when it has', async () => {
      const api = await connect([]);
      const [full, free] = [await listen(['worker']), await listen(['worker'])];
      await Promise.all([quiet(full), quiet(free)]);
      full.wakeUps.setReceiving(false);
      const before = full.count();
      for (let i = 0; i < 5; i += 1) {
        const heard = free.count();
        api.publish(0);
        await until(() => free.count() > heard);
      }
      assert.equal(full.count(), before);
      free.wakeUps.setReceiving(false);
      api.publish(0);
      full.wakeUps.setReceiving(true);
      await until(() => full.count() > before);
    });

    it('cost nothing but time when the server is away: publishing is quiet, and it is known', async () => {
      const api = await connect([]);
      const worker = await listen(['worker']);
      await opened.lose();
      await until(() => !api.isConnected() && !worker.wakeUps.isConnected());
      const asked = performance.now();
      for (let i = 0; i < 100_000; i += 1) api.publish(Date.now() + i);
      assert.ok(performance.now() - asked < 5_000);
      const before = worker.count();
      await opened.restore();
      await until(() => api.isConnected() && worker.wakeUps.isConnected());
      // What became due while it was away is looked for.
      await until(() => worker.count() > before);
      const heard = worker.count();
      api.publish(0);
      await until(() => worker.count() > heard);
    });

    it('tell all other processes how far logs have grown', async () => {
      const api = await connect([]);
      const others = [await connect(['worker']), await connect([])];
      const heard = others.map(() => new Map<string, number>());
      others.forEach((other, i) => other.onHead((tenantId, head) => heard[i]?.set(tenantId, head)));
      // Whoever has only just begun to listen may miss the first.
      await until(() => {
        api.announceHead('acme', 1);
        return heard.every((heads) => heads.get('acme') === 1);
      });
      for (let head = 2; head <= 1_000; head += 1) api.announceHead('acme', head);
      api.announceHead('globex', 7);
      await until(() => heard.every((heads) => heads.get('acme') === 1_000 && heads.get('globex') === 7));
      await opened.lose();
      await until(() => !api.isConnected());
      for (let head = 1_001; head <= 50_000; head += 1) api.announceHead('acme', head);
      await opened.restore();
      await until(() => {
        api.announceHead('acme', 60_000);
        return heard.every((heads) => heads.get('acme') === 60_000);
      });
    });

    it('end quietly, also while the server is away', async () => {
      const worker = await listen(['worker']);
      const other = await connect();
      await other.close();
      await other.close();
      other.publish(0);
      assert.equal(other.isConnected(), false);
      await opened.lose();
      await worker.wakeUps.close();
      const before = worker.count();
      await opened.restore();
      worker.wakeUps.publish(0);
      assert.equal(worker.count(), before);
    });
  });
}

/** Being connected may wake a process, and that takes a moment: waits until it has passed. */
async function quiet({ count }: Listening): Promise<void> {
  let heard = -1;
  let sinceMs = 0;
  await until(() => {
    if (heard !== count()) {
      heard = count();
      sinceMs = performance.now();
    }
    return performance.now() - sinceMs >= QUIET_MS;
  });
}

async function until(condition: () => boolean): Promise<void> {
  const endMs = performance.now() + WITHIN_MS;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error('what was waited for did not happen');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
