import assert from 'node:assert/strict';
import { Feed, toNewEvent } from '../../src/events/index.ts';
import { simulatedEvent } from '../../src/pipelines/ask/simulation-world.ts';
import { createTestEngine } from '../support/engine.ts';

describe('the feed', () => {
  it('gets over a message of somebody else about how far a log has grown', async () => {
    const engine = await createTestEngine();
    await engine.tenants.admin.create({ id: 'acme', name: 'Acme' });
    const { time, log, stores } = engine;
    const tenant = await engine.tenants.open('acme');
    const append = (id: string): Promise<unknown> =>
      tenant.log.append([toNewEvent(simulatedEvent({ id, name: 'Seen', occurredAt: time.now() }))]);
    let tell: (tenantId: string, head: number) => void = () => undefined;
    const heads = {
      announceHead: () => undefined,
      onHead: (listener: typeof tell) => {
        tell = listener;
        return () => undefined;
      },
    };
    const feed = new Feed({ log: stores.log, timers: time, logger: log, heads });
    const told: number[] = [];
    feed.onHead((_tenantId, head) => told.push(head));
    feed.start();
    await append('m1');
    await time.advance(2_000);
    const head = await tenant.log.head();
    assert.equal(await feed.head(tenant), head);
    tell('acme', 5_000_000);
    tell('nobody', 5_000_000);
    await time.advance(2_000);
    assert.equal(await feed.head(tenant), head);
    // What another process appends is noticed again.
    told.length = 0;
    await append('m2');
    await time.advance(2_000);
    assert.ok(told.includes(head + 1), JSON.stringify(told));
    assert.equal(await feed.head(tenant), head + 1);
    feed.stop();
  });
});
