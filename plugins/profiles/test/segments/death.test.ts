import assert from 'node:assert/strict';
import { DAY_MS } from '../../src/behaviour/window.ts';
import { PAGES } from '../../src/segments/work-on-definitions.ts';
import { SegmentsTenant } from './segments-tenant.ts';

interface Shown {
  readonly people: readonly object[];
  readonly members: readonly unknown[];
  readonly changes: readonly string[];
}

/** A definition, its change, time and a merge: as a process that dies before each commit, or one that does not, goes through it. */
async function live(isMortal: boolean): Promise<Shown> {
  const tenant = new SegmentsTenant();
  const follow = async (): Promise<void> => {
    for (let last = -1; last !== tenant.log.length;) {
      last = tenant.log.length;
      if (isMortal) await tenant.die(1_000);
      await tenant.follow(1);
    }
  };
  for (let index = 0; index < 12; index += 1) tenant.track(`u${String(index % 4)}`, 'Order Completed', { total: index * 10 });
  await follow();
  tenant.define('big', 'sum("Order Completed", "total", "3d") > 120.0', { announce: true });
  tenant.fact('tendril.profiles.trait_defined', { name: 'orders', trait: { event: 'Order Completed', aggregate: 'count' } });
  await follow();
  tenant.define('big', 'sum("Order Completed", "total", "3d") > 160.0');
  tenant.track('u0', 'Order Completed', { total: 200 });
  await follow();
  const [into, from] = [(await tenant.person('u1')).id, (await tenant.person('u2')).id];
  tenant.fact('tendril.profiles.merge_requested', { into, from, link: 'l1' });
  await follow();
  tenant.now += 4 * DAY_MS;
  tenant.tick();
  await follow();
  return {
    people: (await tenant.people()).map(({ id, segments, computed }) => ({ id, segments, computed })),
    members: await tenant.rows('members'),
    changes: tenant.changes(),
  };
}

describe('segments', () => {
  it('come to the same when the process dies before each commit', async () => {
    const shown = await live(false);
    assert.deepEqual(await live(true), shown);
    assert.deepEqual(shown.changes.filter((change) => change.startsWith('left')).length > 0, true);
  });

  it('are prepared in steps where there are many people and events, and nothing is counted twice meanwhile', async () => {
    const tenant = new SegmentsTenant();
    const people = PAGES.people + 20;
    for (let index = 0; index < people * 3; index += 1) tenant.track(`u${String(index % people)}`, 'Order Completed', { total: 1 });
    await tenant.follow(2_000);
    tenant.define('regular', 'count("Order Completed") >= 4');
    // Each buys once more while the log is read for what was before.
    for (let index = 0; index < people; index += 1) tenant.track(`u${String(index)}`, 'Order Completed', { total: 1 });
    for (let steps = 0; steps < 30 && (await tenant.definition('segment:regular'))?.active === undefined; steps += 1)
      await tenant.follow(100);
    await tenant.follow();
    assert.equal((await tenant.members('regular')).length, people);
    assert.ok((await tenant.people()).every(({ segments }) => segments?.join() === 'regular'));
  });

  it('are left in portions when time changes very many at once', async () => {
    const tenant = new SegmentsTenant();
    const people = 600;
    for (let index = 0; index < 10; index += 1)
      tenant.define(`s${String(index)}`, `count("Order Completed", "1d") > 0 && ${String(index)} >= 0`);
    await tenant.follow();
    for (let index = 0; index < people; index += 1) tenant.track(`u${String(index)}`, 'Order Completed');
    await tenant.follow();
    assert.equal(tenant.changes().length, people * 10);
    tenant.now += 3 * DAY_MS;
    const tick = tenant.tick();
    await tenant.follow();
    const left = tenant.reported.filter(({ name }) => name === 'tendril.segment.left');
    assert.equal(left.length, people * 10);
    assert.ok(tenant.reported.some(({ name, position }) => name === 'tendril.profiles.ticked' && position > tick.position));
    assert.equal((await tenant.rows('members')).length, 0);
  });
});
