import assert from 'node:assert/strict';
import { Turns } from '../../src/events/consumers/turns.ts';
import type { EndTurn } from '../../src/events/consumers/turns.ts';
import { settled } from '../support/world.ts';

describe('turns', () => {
  /** Lets each tenant ask again and again, and counts what each may do in so many turns. */
  async function share(costs: Readonly<Record<string, number>>, turns: number): Promise<Readonly<Record<string, number>>> {
    const queue = new Turns(1, 100);
    const spent: Record<string, number> = {};
    let left = turns;
    const running: Promise<void>[] = [];
    // Several consumers each, so that there is always one that waits.
    for (const [tenant, cost] of Object.entries(costs).flatMap((entry) => [entry, entry, entry])) {
      running.push(
        (async () => {
          while (left > 0) {
            const end = await queue.take(tenant, cost);
            left -= 1;
            spent[tenant] = (spent[tenant] ?? 0) + cost;
            await Promise.resolve();
            end();
          }
        })(),
      );
    }
    await Promise.all(running);
    return spent;
  }

  it('give tenants the same number of events, whatever the size of their batches', async () => {
    const { big = 0, small = 0 } = await share({ big: 500, small: 50 }, 2_000);
    assert.ok(Math.abs(big - small) <= 0.1 * big, `${big} ${small}`);
  });

  it('run as many at once as there are slots, and no more', async () => {
    const queue = new Turns(2, 100);
    const begun: EndTurn[] = [];
    for (let i = 0; i < 5; i += 1) void queue.take(`t${i % 3}`, 50).then((end) => begun.push(end));
    await settled();
    assert.equal(begun.length, 2);
    begun[0]?.();
    begun[0]?.();
    await settled();
    assert.equal(begun.length, 3);
    for (const end of begun) end();
    await settled();
    for (const end of begun) end();
    await settled();
    assert.equal(begun.length, 5);
  });

  it('let a batch through that is larger than any quantum', async () => {
    const end = await new Turns(1, 1).take('t', 10_000);
    end();
  });
});
