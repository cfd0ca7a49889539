import assert from 'node:assert/strict';
import { DAY_MS } from '../../src/behaviour/window.ts';
import { SegmentsTenant } from './segments-tenant.ts';

const HOUR_MS = 3_600_000;

describe('segments, event by event', () => {
  it('reports who enters and who leaves, by traits', async () => {
    const tenant = new SegmentsTenant();
    tenant.define('pro', 'profile.traits.plan == "pro"');
    await tenant.follow();
    tenant.identify('u1', { plan: 'pro' });
    await tenant.follow();
    assert.deepEqual(await tenant.segmentsOf('u1'), ['pro']);
    assert.deepEqual(await tenant.members('pro'), [(await tenant.person('u1')).id]);
    tenant.now += 1;
    tenant.identify('u1', { plan: 'free' });
    await tenant.follow();
    assert.deepEqual(await tenant.segmentsOf('u1'), []);
    assert.deepEqual(await tenant.members('pro'), []);
    assert.deepEqual(tenant.changes(), ['entered pro u1', 'left pro u1']);
    const [entered] = tenant.reported.filter(({ name }) => name === 'tendril.segment.entered');
    assert.deepEqual(entered?.properties['reason'], [{ expression: 'profile.traits.plan', value: 'pro' }]);
    assert.equal(entered?.properties['version'], 1);
  });

  it('counts events, and lets go when the window has moved on though nobody does anything', async () => {
    const tenant = new SegmentsTenant();
    tenant.define('buyers', 'did("Order Completed", 2, "30d")');
    tenant.track('u1', 'Order Completed');
    await tenant.follow();
    assert.deepEqual(await tenant.segmentsOf('u1'), []);
    tenant.now += DAY_MS;
    tenant.track('u1', 'Order Completed');
    await tenant.follow();
    assert.deepEqual(await tenant.segmentsOf('u1'), ['buyers']);
    tenant.now += 29 * DAY_MS + HOUR_MS - 1;
    tenant.tick();
    await tenant.follow();
    assert.deepEqual(await tenant.segmentsOf('u1'), ['buyers']);
    tenant.now += 1;
    tenant.tick();
    await tenant.follow();
    assert.deepEqual(await tenant.segmentsOf('u1'), []);
    assert.deepEqual(tenant.changes(), ['entered buyers u1', 'left buyers u1']);
  });

  it('keeps computed traits, and segments that read them or other segments', async () => {
    const tenant = new SegmentsTenant();
    tenant.fact('tendril.profiles.trait_defined', {
      name: 'spent',
      trait: { event: 'Order Completed', aggregate: 'sum', property: 'total' },
    });
    tenant.define('spender', 'profile.traits.spent >= 100');
    tenant.define('vip', 'in_segment("spender") && profile.isIdentified');
    tenant.track('u1', 'Order Completed', { total: 60.5 });
    await tenant.follow();
    assert.deepEqual(await tenant.computedOf('u1'), { spent: 60.5 });
    tenant.track('u1', 'Order Completed', { total: 39.5 });
    await tenant.follow();
    assert.deepEqual(await tenant.computedOf('u1'), { spent: 100 });
    assert.deepEqual(await tenant.segmentsOf('u1'), ['spender', 'vip']);
  });

  it('backfills a new segment from the log, quietly unless told', async () => {
    const tenant = new SegmentsTenant();
    for (const user of ['u1', 'u2']) tenant.track(user, 'Order Completed', { total: user === 'u1' ? 10 : 90 });
    await tenant.follow();
    tenant.define('big', 'sum("Order Completed", "total") > 50.0');
    tenant.define('loud', 'sum("Order Completed", "total") > 50.0', { announce: true });
    await tenant.follow();
    assert.deepEqual(await tenant.segmentsOf('u1'), []);
    assert.deepEqual(await tenant.segmentsOf('u2'), ['big', 'loud']);
    assert.deepEqual(tenant.changes(), ['entered loud u2']);
  });

  it('serves by the old definition until the new one is ready, then reports the difference only', async () => {
    const tenant = new SegmentsTenant();
    tenant.define('big', 'sum("Order Completed", "total") > 50.0');
    await tenant.follow();
    for (const [user, total] of Object.entries({ u1: 40, u2: 60, u3: 200 })) tenant.track(user, 'Order Completed', { total });
    await tenant.follow();
    assert.deepEqual(tenant.changes(), ['entered big u2', 'entered big u3']);
    tenant.define('big', 'maximum("Order Completed", "total") > 30.0 && maximum("Order Completed", "total") < 100.0');
    await tenant.follow();
    assert.deepEqual((await tenant.definition('segment:big'))?.active?.version, 2);
    assert.equal((await tenant.definition('segment:big'))?.settling, undefined);
    assert.deepEqual(await tenant.segmentsOf('u1'), ['big']);
    assert.deepEqual(await tenant.segmentsOf('u3'), []);
    assert.deepEqual(tenant.changes().slice(2).sort(), ['entered big u1', 'left big u3']);
    assert.equal((await tenant.members('big')).length, 2);
    assert.equal((await tenant.rows('members')).length, 2, 'members of the old version are gone');
  });

  it('looks anew at whom a merge or its undoing makes', async () => {
    const tenant = new SegmentsTenant();
    tenant.define('buyers', 'did("Order Completed", 2)');
    tenant.track('u1', 'Order Completed');
    tenant.track('u2', 'Order Completed');
    await tenant.follow();
    const [into, from] = [(await tenant.person('u1')).id, (await tenant.person('u2')).id];
    tenant.fact('tendril.profiles.merge_requested', { into, from, link: 'l1' });
    await tenant.follow();
    assert.deepEqual(await tenant.segmentsOf('u2'), ['buyers']);
    assert.deepEqual(await tenant.members('buyers'), [into]);
    tenant.fact('tendril.profiles.unmerge_requested', { link: 'l1' });
    await tenant.follow();
    assert.deepEqual(await tenant.segmentsOf('u1'), []);
    assert.deepEqual(await tenant.segmentsOf('u2'), []);
    assert.deepEqual(await tenant.members('buyers'), []);
    assert.deepEqual(tenant.changes(), ['entered buyers u1', 'left buyers u1', 'left buyers u2']);
  });

  it('compares what all parts of a merged person count together', async () => {
    const tenant = new SegmentsTenant();
    tenant.define('three', 'did("Order Completed", 3)');
    tenant.define('even_more', 'count("Order Completed") > 3');
    tenant.define('few', 'count("Order Completed") <= 3');
    for (const user of ['u1', 'u2']) tenant.track(user, 'Order Completed');
    await tenant.follow();
    const [into, from] = [(await tenant.person('u1')).id, (await tenant.person('u2')).id];
    tenant.fact('tendril.profiles.merge_requested', { into, from, link: 'l1' });
    await tenant.follow();
    assert.deepEqual(await tenant.segmentsOf('u1'), ['few']);
    tenant.track('u2', 'Order Completed');
    await tenant.follow();
    assert.deepEqual(await tenant.segmentsOf('u1'), ['few', 'three']);
    tenant.track('u1', 'Order Completed');
    await tenant.follow();
    assert.deepEqual(await tenant.segmentsOf('u1'), ['even_more', 'three']);
  });

  it('forgets a segment that is deleted', async () => {
    const tenant = new SegmentsTenant();
    tenant.define('all', 'true');
    await tenant.follow();
    tenant.track('u1', 'Something Done');
    await tenant.follow();
    assert.deepEqual(await tenant.segmentsOf('u1'), ['all']);
    tenant.fact('tendril.profiles.segment_deleted', { name: 'all' });
    await tenant.follow();
    assert.deepEqual(await tenant.segmentsOf('u1'), []);
    assert.equal((await tenant.rows('members')).length, 0);
    assert.deepEqual(tenant.changes(), ['entered all u1']);
  });
});
