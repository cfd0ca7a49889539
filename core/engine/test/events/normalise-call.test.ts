import assert from 'node:assert/strict';
import type { App, RawCall } from '../../src/hub.ts';
import { MAX_EVENT_BYTES, isRefusal, normaliseCall } from '../../src/events/normalise-call.ts';
import type { CallOrigin, Refusal } from '../../src/events/normalise-call.ts';
import type { UnplacedEvent } from '../../src/events/event-codec.ts';

const app: App = { id: 'app_1', name: 'shop', isTest: false, environment: 'production', origins: [], createdAt: 0 };
const receivedAt = Date.UTC(2026, 0, 1, 12);
const origin: CallOrigin = { receivedAt, requestId: 'req_1' };

function take(call: unknown, from: CallOrigin = origin): UnplacedEvent {
  const event = normaliseCall(call as RawCall, app, from, () => 'made-up');
  assert.ok(!isRefusal(event), JSON.stringify(event));
  return event;
}

function refusal(call: unknown): Refusal {
  const found = normaliseCall(call as RawCall, app, origin, () => 'made-up');
  assert.ok(isRefusal(found), `was taken in: ${JSON.stringify(found)}`);
  return found;
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i += 1) value = { a: value };
  return value;
}

const track = { type: 'track', event: 'Signed Up', userId: 'u1', messageId: 'm1' };

describe('normaliseCall', () => {
  it('makes an event of a track call', () => {
    const event = take({ ...track, properties: { plan: 'pro' }, context: { locale: 'de', traits: { email: 'a@example.invalid' } } });
    assert.deepEqual(event, {
      id: 'm1',
      kind: 'track',
      name: 'Signed Up',
      appId: 'app_1',
      isTest: false,
      occurredAt: receivedAt,
      receivedAt,
      identities: { userId: 'u1' },
      properties: { plan: 'pro' },
      traits: { email: 'a@example.invalid' },
      context: { locale: 'de', traits: { email: 'a@example.invalid' } },
      isImported: false,
      hops: 0,
      requestId: 'req_1',
    });
  });

  it('names the other kinds', () => {
    const names = (['identify', 'page', 'screen'] as const).map((type) => take({ type, userId: 'u1' }).name);
    assert.deepEqual(names, ['$identify', '$page', '$screen']);
    assert.deepEqual(take({ type: 'group', userId: 'u1', groupId: 7 }).identities, { userId: 'u1', groupId: '7' });
    assert.deepEqual(take({ type: 'alias', userId: 'u1', previousId: 'a0' }).identities, { userId: 'u1', previousId: 'a0' });
  });

  it('keeps name and category of a page among its properties', () => {
    assert.deepEqual(take({ type: 'page', userId: 'u1', name: 'Home', category: 'Docs', properties: { url: '/' } }).properties, {
      url: '/',
      name: 'Home',
      category: 'Docs',
    });
  });

  it('reads numbers as ids and adds what the request knows of its sender', () => {
    const event = take({ ...track, userId: 42, messageId: null }, { ...origin, ip: '192.0.2.1', userAgent: 'curl' });
    assert.equal(event.identities.userId, '42');
    assert.equal(event.id, 'made-up');
    assert.deepEqual(event.context, { ip: '192.0.2.1', userAgent: 'curl' });
    assert.deepEqual(take({ ...track, context: { ip: '198.51.100.7' } }, { ...origin, ip: '192.0.2.1' }).context, { ip: '198.51.100.7' });
  });

  it('corrects timestamps by when the sender says it sent them', () => {
    const hour = 3_600_000;
    // The sender's clock is two hours late; the event happened a minute before it was sent.
    const call = { ...track, timestamp: new Date(receivedAt - 2 * hour - 60_000).toISOString() };
    assert.equal(take(call, { ...origin, sentAt: receivedAt - 2 * hour }).occurredAt, receivedAt - 60_000);
    assert.equal(take({ ...call, sentAt: new Date(receivedAt - 2 * hour).toISOString() }).occurredAt, receivedAt - 60_000);
    assert.equal(take(call).occurredAt, receivedAt - 2 * hour - 60_000);
  });

  it('reads what SDKs send as dates', () => {
    for (const timestamp of [
      '2026-01-01T10:00:00Z',
      '2026-01-01T10:00:00.123456+00:00',
      '2026-01-01T11:00:00+0100',
      '2026-01-01 10:00:00',
      Date.UTC(2026, 0, 1, 10),
    ]) {
      assert.equal(Math.floor(take({ ...track, timestamp }).occurredAt / 1_000) * 1_000, Date.UTC(2026, 0, 1, 10), String(timestamp));
    }
  });

  const wrong: readonly (readonly [string, unknown, RegExp])[] = [
    ['no object', 'track', /not an object/],
    ['null', null, /not an object/],
    ['an array', [], /not an object/],
    ['no type', { event: 'x', userId: 'u' }, /^type/],
    ['unknown type', { ...track, type: 'trakc' }, /^type/],
    ['a prototype key as type', { ...track, type: 'constructor' }, /^type/],
    ['no event', { ...track, event: undefined }, /^event/],
    ['empty event', { ...track, event: '' }, /^event/],
    ['event of a wrong type', { ...track, event: { a: 1 } }, /^event/],
    ['event too long', { ...track, event: 'x'.repeat(256) }, /^event/],
    ["the hub's own name", { ...track, event: 'tendril.run.ended' }, /keeps for itself/],
    ['the name of another kind', { ...track, event: '$identify' }, /keeps for itself/],
    ['nobody', { ...track, userId: undefined }, /neither userId nor anonymousId/],
    ['empty ids', { ...track, userId: '', anonymousId: null }, /neither userId nor anonymousId/],
    ['userId true', { ...track, userId: true }, /^userId/],
    ['userId object', { ...track, userId: { $ne: null } }, /^userId/],
    ['userId too long', { ...track, userId: 'x'.repeat(256) }, /^userId/],
    ['anonymousId array', { ...track, anonymousId: [] }, /^anonymousId/],
    ['group without id', { type: 'group', userId: 'u' }, /^groupId/],
    ['alias without id', { type: 'alias', userId: 'u' }, /^previousId/],
    ['messageId of a wrong type', { ...track, messageId: 7 }, /^messageId/],
    ['messageId too long', { ...track, messageId: 'x'.repeat(256) }, /^messageId/],
    ['messageId too long in bytes', { ...track, messageId: '本'.repeat(255) }, /^messageId/],
    ['a name too long in bytes', { ...track, event: '本'.repeat(255) }, /^event/],
    ['properties no object', { ...track, properties: 'x' }, /^properties/],
    ['properties an array', { ...track, properties: [] }, /^properties/],
    ['traits no object', { type: 'identify', userId: 'u', traits: 1 }, /^traits/],
    ['context no object', { ...track, context: [] }, /^context/],
    ['a date that is none', { ...track, timestamp: 'yesterday' }, /^timestamp/],
    ['a day that is not', { ...track, timestamp: '2026-02-30T00:00:00Z' }, /^timestamp/],
    ['a month that is not', { ...track, timestamp: '2026-13-01T00:00:00Z' }, /^timestamp/],
    ['what JavaScript would guess', { ...track, timestamp: 'foo 1' }, /^timestamp/],
    ['a date of a wrong type', { ...track, timestamp: {} }, /^timestamp/],
    ['a number of seconds', { ...track, timestamp: 1_700_000_000 }, /^timestamp/],
    ['a giant date', { ...track, timestamp: 1e300 }, /^timestamp/],
    ['a sentAt that is no date', { ...track, sentAt: 'now' }, /^sentAt/],
    ['an infinite number', JSON.parse('{"type":"track","event":"x","userId":"u","properties":{"a":[1e999]}}'), /too large/],
    ['an infinite userId', JSON.parse('{"type":"track","event":"x","userId":1e999}'), /too large/],
    ['__proto__', JSON.parse('{"type":"track","event":"x","userId":"u","properties":{"a":{"__proto__":{"isAdmin":true}}}}'), /__proto__/],
    ['__proto__ at the top', JSON.parse('{"type":"track","event":"x","userId":"u","__proto__":{"isAdmin":true}}'), /__proto__/],
    ['constructor.prototype', { ...track, properties: { constructor: { prototype: { isAdmin: true } } } }, /constructor/],
    ['deep nesting', { ...track, properties: nested(40) }, /nested/],
    ['very deep nesting', { ...track, properties: nested(5_000) }, /nested/],
  ];
  for (const [what, call, reason] of wrong) {
    it(`refuses ${what}`, () => {
      const found = refusal(call);
      assert.equal(found.code, 'REQUEST_MALFORMED');
      assert.match(found.reason, reason);
    });
  }

  it('takes a member that is only called constructor', () => {
    assert.deepEqual(take({ ...track, properties: { constructor: 'Ferrari' } }).properties, { constructor: 'Ferrari' });
  });

  it('measures an event in bytes of UTF-8, to the byte', () => {
    const of = (text: string): object => ({ ...track, properties: { text } });
    const room = MAX_EVENT_BYTES - Buffer.byteLength(JSON.stringify(of('')));
    take(of('x'.repeat(room)));
    assert.equal(refusal(of('x'.repeat(room + 1))).code, 'EVENT_TOO_LARGE');
    assert.equal(refusal(of('ü'.repeat(room / 2 + 1))).code, 'EVENT_TOO_LARGE');
    assert.equal(refusal(of('\u0001'.repeat(room / 6 + 1))).code, 'EVENT_TOO_LARGE');
    assert.equal(refusal({ ...track, somethingUnknown: 'x'.repeat(MAX_EVENT_BYTES) }).code, 'EVENT_TOO_LARGE');
  });

  it('leaves nothing behind on the prototype of all objects', () => {
    refusal(JSON.parse('{"type":"track","event":"x","userId":"u","properties":{"__proto__":{"polluted":true}}}'));
    assert.equal('polluted' in {}, false);
  });
});
