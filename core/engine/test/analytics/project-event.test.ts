import assert from 'node:assert/strict';
import type { JsonObject, LoggedEvent } from '@tendril/plugin-api';
import { projectEvent } from '../../src/analytics/project-event.ts';

function eventWith(properties: JsonObject, more: Partial<LoggedEvent> = {}): LoggedEvent {
  return {
    id: 'm1',
    position: 7,
    name: 'Order Completed',
    kind: 'track',
    appId: 'app-1',
    isTest: false,
    occurredAt: 1_000,
    receivedAt: 2_000,
    identities: { userId: 'u1' },
    properties,
    traits: { email: 'ann@example.invalid', plan: 'team' },
    context: {},
    isImported: false,
    hops: 0,
    ...more,
  };
}

describe('what goes into a columnar copy', () => {
  const kept = (properties: JsonObject, declared = {}): unknown => projectEvent(eventWith(properties), declared).properties;

  it('takes properties that are a text, a number or a boolean', () => {
    assert.deepEqual(kept({ total: 12.5, currency: 'EUR', isGift: true, products: [{ sku: 'x' }], coupon: null, at: { x: 1 } }), {
      total: 12.5,
      currency: 'EUR',
      isGift: true,
    });
  });

  it('never takes traits, and nobody by the name that the application has for them', () => {
    const text = JSON.stringify(projectEvent(eventWith({}), {}));
    assert.doesNotMatch(text, /ann@|team|u1/);
    assert.match(String(projectEvent(eventWith({}), {}).person), /^~[\da-f]{32}$/);
    assert.equal(projectEvent(eventWith({}, { profileId: 'p-1' }), {}).person, 'p-1');
  });

  for (const name of [
    'name',
    'first_name',
    'lastName',
    'Full Name',
    'email',
    'eMail',
    'customer_email',
    'billing address',
    'phoneNumber',
    'ip',
    'ip_address',
    'user_id',
    'customerId',
    'zip',
    'birthday',
    'accessToken',
    'latitude',
    'ownerName',
  ]) {
    it(`leaves out a property called ${name}`, () => {
      assert.deepEqual(kept({ [name]: 'x', plan: 'team' }), { plan: 'team' });
    });
  }

  it('takes of what the hub reports no id of anybody and nothing that a person wrote', () => {
    const assigned = { lead: 'l1', person: 'p1', owner: 'grace', ownerName: 'Grace', previousOwner: null, by: 'rule', stage: 'qualified' };
    const { properties } = projectEvent(eventWith(assigned, { kind: 'hub', name: 'tendril.leads.assigned' }), {});
    assert.deepEqual(properties, { by: 'rule', stage: 'qualified' });
    const asked = { link: 'l1', into: 'p1', from: 'p2', by: 'person', reason: 'Ann is the wife of Bob' };
    const merge = projectEvent(eventWith(asked, { kind: 'hub', name: 'tendril.profiles.merge_requested' }), {});
    assert.deepEqual(merge.properties, { link: 'l1', by: 'person' });
  });

  it('leaves out a property that holds the name by which the event`s person is known, whatever it is called', () => {
    const event = eventWith({ who: 'u1', visitor: 'a1', plan: 'team' }, { identities: { userId: 'u1', anonymousId: 'a1' } });
    assert.deepEqual(projectEvent(event, {}).properties, { plan: 'team' });
  });

  for (const name of ['product_name', 'planName', 'campaign name', 'order_id', 'description', 'shipping', 'tip', 'zipper_color']) {
    it(`takes a property called ${name}`, () => {
      assert.deepEqual(kept({ [name]: 'x' }), { [name]: 'x' });
    });
  }

  for (const value of [
    'ann@example.com',
    'write to ann@example.com',
    'newsletter/ann%40example.com',
    '+49 30 901820',
    '(030) 90 18 20',
    '192.168.0.1',
    '2001:db8::1',
    'word '.repeat(40),
  ]) {
    it(`leaves out the value ${value.slice(0, 30)}`, () => {
      assert.deepEqual(kept({ comment: value }), {});
    });
  }

  for (const value of ['2026-03-29', 'sku-0123456', '20260329', 'EUR', '12:30', 'v1.2.3', 'größer als 10 %']) {
    it(`takes the value ${value}`, () => {
      assert.deepEqual(kept({ comment: value }), { comment: value });
    });
  }

  it('cuts from an address what stands behind the question mark', () => {
    assert.deepEqual(kept({ link: 'https://shop.example/a?token=secret#x' }), { link: 'https://shop.example/a' });
    assert.deepEqual(kept({ to: '/reset?key=secret', app: 'shop://a?key=secret', asked: '?key=secret', part: '#key=secret' }), {
      to: '/reset',
      app: 'shop://a',
    });
    assert.deepEqual(kept({ question: 'Are you sure? # yes', empty: '' }), { question: 'Are you sure? # yes', empty: '' });
  });

  it('takes what is declared although it looks personal, for one event or for all, and leaves out what is excluded', () => {
    const declared = {
      include: [{ event: 'Order Completed', property: 'name' }, { property: 'city name' }, { event: 'Other', property: 'zip' }],
      exclude: [{ property: 'plan' }],
    };
    assert.deepEqual(kept({ name: 'Ann', zip: '10115', plan: 'team', total: 1 }, declared), { name: 'Ann', total: 1 });
  });

  it('takes path, host of the referrer, campaign and time zone out of the context', () => {
    const context = {
      page: { path: '/pricing', referrer: 'https://search.example/?q=ann', url: 'https://shop.example/pricing?x=1' },
      campaign: { name: 'spring', source: 'mail', medium: 'ann@example.com' },
      timezone: 'Europe/Berlin',
      ip: '192.168.0.1',
    };
    const { path, referrer, utm, timeZone, isAnonymous } = projectEvent(eventWith({}, { context }), {});
    assert.deepEqual(
      { path, referrer, utm, timeZone, isAnonymous },
      {
        path: '/pricing',
        referrer: 'search.example',
        utm: { source: 'mail', campaign: 'spring' },
        timeZone: 'Europe/Berlin',
        isAnonymous: false,
      },
    );
    assert.equal(projectEvent(eventWith({}, { context: { timezone: 'Mars/Olympus' } }), {}).timeZone, undefined);
  });

  it('takes the path of a page call from its properties, and no path with an address of a person in it', () => {
    const page = eventWith({ path: '/docs?x=1', url: 'https://shop.example/docs', title: 'Docs' }, { kind: 'page', name: '$page' });
    assert.equal(projectEvent(page, {}).path, '/docs');
    assert.deepEqual(projectEvent(page, {}).properties, { title: 'Docs' });
    for (const path of ['/u/ann@example.com', '/u/ann%40example.com/edit', `/${'a'.repeat(130)}/ann@example.com`])
      assert.equal(projectEvent(eventWith({}, { context: { page: { path } } }), {}).path, undefined, path);
  });

  it('takes a time zone in one spelling, and no distance from UTC for one', () => {
    const zone = (timezone: string): unknown => projectEvent(eventWith({}, { context: { timezone } }), {}).timeZone;
    assert.deepEqual(['eUROPE/berlin', 'EUROPE/BERLIN', 'UTC'].map(zone), ['Europe/Berlin', 'Europe/Berlin', 'UTC']);
    assert.deepEqual(['+01:23', '-09:00', 'Mars/Olympus'].map(zone), [undefined, undefined, undefined]);
  });
});
