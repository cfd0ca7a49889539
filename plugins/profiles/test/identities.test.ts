import assert from 'node:assert/strict';
import type { JsonObject } from '@tendril/plugin-api';
import { find } from '../src/actions/find.ts';
import { get } from '../src/actions/get.ts';
import { groupGet } from '../src/actions/group-get.ts';
import { groupList } from '../src/actions/group-list.ts';
import { groupMembers } from '../src/actions/group-members.ts';
import { resolve } from '../src/actions/resolve.ts';
import type { FindInput, IdentitiesRow, LinksRow, PeopleRow, Settings } from '../src/gen/manifest.gen.ts';
import { projected } from './projection.ts';
import { eventAt } from './random-history.ts';
import type { Given } from './random-history.ts';

async function after(given: readonly Given[], settings: Settings = {}, sizeOf?: () => number) {
  const events = given.map((each, index) => eventAt(index + 1, each));
  const tenant = await projected(events, sizeOf, settings);
  const idOf = async (input: FindInput): Promise<string | undefined> => (await tenant.run((call) => find(input, call))).person?.id;
  const people = async (): Promise<readonly PeopleRow[]> =>
    ((await tenant.rows('people')) as readonly PeopleRow[]).filter(({ state }) => state === 'active');
  return { ...tenant, idOf, people };
}

const identify = (identities: Given['identities'], traits: JsonObject = {}, context: JsonObject = {}): Given => ({
  kind: 'identify',
  ...(identities !== undefined && { identities }),
  traits,
  context,
});

describe('identities', () => {
  it('make one person of each address that is given at a kiosk, and the device is nobody`s once it has met too many', async () => {
    const hub = await after(
      Array.from({ length: 8 }, (_, n) => identify({ anonymousId: 'kiosk' }, { email: `p${String(n)}@x.invalid` })).concat([
        { kind: 'page', identities: { anonymousId: 'kiosk' } },
        { kind: 'page', identities: { anonymousId: 'kiosk' } },
      ]),
    );
    // Eight people, and what was done there after all of them were gone.
    assert.equal((await hub.people()).length, 9);
    assert.equal(new Set(await Promise.all(Array.from({ length: 8 }, (_, n) => hub.idOf({ email: `p${String(n)}@x.invalid` })))).size, 8);
    const alone = await hub.idOf({ anonymousId: 'kiosk' });
    assert.ok((await hub.people()).some(({ id, parts }) => id === alone && parts[0]?.identities.length === 0));
    const row = ((await hub.rows('identities')) as readonly IdentitiesRow[]).find(({ identity }) => identity === 'anonymousId:kiosk');
    assert.deepEqual([row?.isShared, row?.met?.length], [true, 5]);
  });

  it('make one person of each user of a device', async () => {
    const hub = await after(
      ['a', 'b', 'c'].flatMap((userId) => [identify({ userId, anonymousId: 'tv' }), identify({ userId }, {}, { device: { id: 'd1' } })]),
    );
    assert.equal((await hub.people()).length, 3);
    assert.equal(await hub.idOf({ anonymousId: 'tv' }), await hub.idOf({ userId: 'a' }));
    assert.equal(await hub.idOf({ deviceId: 'd1' }), await hub.idOf({ userId: 'a' }));
  });

  it('do not merge a town through one address', async () => {
    const hub = await after(Array.from({ length: 6 }, (_, n) => identify({ userId: `u${String(n)}` }, { email: 'info@x.invalid' })));
    assert.equal((await hub.people()).length, 6);
    assert.equal(await hub.idOf({ email: 'info@x.invalid' }), undefined);
    const person = await hub.idOf({ userId: 'u0' });
    const later = await after([
      ...Array.from({ length: 6 }, (_, n) => identify({ userId: `u${String(n)}` }, { email: 'info@x.invalid' })),
      identify({ anonymousId: 'visitor' }, { email: 'info@x.invalid' }),
    ]);
    assert.equal(await later.idOf({ userId: 'u0' }), person);
    assert.notEqual(await later.idOf({ anonymousId: 'visitor' }), person);
  });

  it('are found by phone, device and ids of other systems, in any spelling of a phone number', async () => {
    const externalIds = [
      { id: '0031', type: 'crm_id', collection: 'users', encoding: 'none' },
      { id: 'acme', type: 'account', collection: 'accounts' },
    ];
    const hub = await after(
      [identify({ userId: 'ada' }, { phone: '030 / 901 820', customerNumber: 77 }, { device: { id: 'd1' }, externalIds })],
      {
        phoneCountry: 'DE',
        identities: [
          { kind: 'userId', from: 'userId', priority: 1 },
          { kind: 'external', from: 'context.externalIds', priority: 2 },
          { kind: 'customer_number', from: 'traits.customerNumber', priority: 2 },
          { kind: 'phone', from: 'traits.phone', priority: 3 },
          { kind: 'device', from: 'context.device.id', priority: 4 },
        ],
      },
    );
    const id = await hub.idOf({ userId: 'ada' });
    assert.ok(id !== undefined);
    for (const input of [
      { phone: '+49 30 901820' },
      { deviceId: 'd1' },
      { externalId: { type: 'crm_id', id: '0031' } },
      { externalId: { type: 'customer_number', id: '77' } },
    ]) {
      assert.equal(await hub.idOf(input), id, JSON.stringify(input));
    }
    assert.equal(await hub.idOf({ externalId: { type: 'account', id: 'acme' } }), undefined);
    assert.equal(await hub.idOf({ phone: '12' }), undefined);
  });

  it('join by phone who has no userId, and answer the strongest first', async () => {
    const hub = await after([
      identify({ userId: 'ada' }, { phone: '+4930901820' }),
      { kind: 'page', identities: { anonymousId: 'a1' } },
      identify({ anonymousId: 'a1' }, { phone: '+49 30 901820' }),
    ]);
    assert.equal(await hub.idOf({ anonymousId: 'a1' }), await hub.idOf({ userId: 'ada' }));
    const [link] = (await hub.rows('links')) as readonly LinksRow[];
    assert.deepEqual([link?.reason, link?.evidence], ['phone', 'phone:+4930901820']);
    const { ids } = await hub.run((call) => resolve({ people: [{ userId: 'nobody', phone: '+4930901820' }] }, call));
    assert.deepEqual(ids, [await hub.idOf({ userId: 'ada' })]);
  });

  it('drop the weakest when there are too many', async () => {
    const given = [
      ...Array.from({ length: 3 }, (_, n): Given => ({ kind: 'page', identities: { userId: 'ada', anonymousId: `a${String(n)}` } })),
      identify({ userId: 'ada' }, { email: 'ada@x.invalid' }),
    ];
    for (const size of [1, 10]) {
      const hub = await after(given, { maxIdentities: 3 }, () => size);
      const [ada] = await hub.people();
      assert.deepEqual(ada?.parts[0]?.identities.toSorted(), ['anonymousId:a1', 'email:ada@x.invalid', 'userId:ada']);
      assert.equal(await hub.idOf({ anonymousId: 'a0' }), undefined);
    }
  });
});

describe('traits', () => {
  it('of a clock that runs ahead are replaced by what is stated after them', async () => {
    const ahead = 60 * 24 * 365;
    const hub = await after([
      { ...identify({ userId: 'ada' }, { email: 'eve@x.invalid' }), minute: ahead, receivedMinute: 1 },
      { ...identify({ userId: 'ada' }, { email: 'ada@x.invalid' }), minute: 2, receivedMinute: 2 },
      { kind: 'group', identities: { userId: 'ada', groupId: 'g1' }, traits: { name: 'Eve' }, minute: ahead, receivedMinute: 3 },
      { kind: 'group', identities: { userId: 'ada', groupId: 'g1' }, traits: { name: 'Works' }, minute: 4, receivedMinute: 4 },
    ]);
    const id = (await hub.idOf({ userId: 'ada' })) ?? '';
    const { traits, lastSeenAt } = await hub.run((call) => get({ id }, call));
    assert.deepEqual([traits, lastSeenAt], [{ email: 'ada@x.invalid' }, '2026-01-01T00:04:00.000Z']);
    assert.deepEqual((await hub.run((call) => groupGet({ id: 'g1' }, call))).traits, { name: 'Works' });
  });
});

describe('consent', () => {
  const ads = (isGranted: boolean): JsonObject => ({ consent: { categoryPreferences: { Ads: isGranted, odd: 'yes' } } });

  it('is the strictest of all that a person was made of', async () => {
    const hub = await after([
      identify({ anonymousId: 'a1' }, {}, ads(false)),
      identify({ userId: 'ada' }, {}, ads(true)),
      identify({ userId: 'ada', anonymousId: 'a1' }),
    ]);
    const id = (await hub.idOf({ userId: 'ada' })) ?? '';
    assert.deepEqual((await hub.run((call) => get({ id }, call))).consent, { Ads: 'denied' });
  });

  it('is the last word by time, however late it comes', async () => {
    const hub = await after([
      { ...identify({ userId: 'ada' }, {}, ads(true)), minute: 9, receivedMinute: 9 },
      { ...identify({ userId: 'ada' }, {}, ads(false)), minute: 3, receivedMinute: 10 },
    ]);
    const id = (await hub.idOf({ userId: 'ada' })) ?? '';
    assert.deepEqual((await hub.run((call) => get({ id }, call))).consent, { Ads: 'granted' });
  });

  it('from a clock that runs ahead does not outlast a refusal that came after it', async () => {
    const hub = await after([
      { ...identify({ userId: 'ada' }, {}, ads(true)), minute: 60 * 24 * 365, receivedMinute: 1 },
      { ...identify({ userId: 'ada' }, {}, ads(false)), minute: 2, receivedMinute: 2 },
    ]);
    const id = (await hub.idOf({ userId: 'ada' })) ?? '';
    assert.deepEqual((await hub.run((call) => get({ id }, call))).consent, { Ads: 'denied' });
  });

  it('to more than anybody is asked for does not keep a refusal from being noted', async () => {
    const many = Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`c${String(n)}`, true]));
    const hub = await after([
      identify({ userId: 'ada' }, {}, { consent: { categoryPreferences: { ['x'.repeat(201)]: true, ...many } } }),
      identify({ userId: 'ada' }, {}, ads(false)),
    ]);
    const id = (await hub.idOf({ userId: 'ada' })) ?? '';
    const { consent } = await hub.run((call) => get({ id }, call));
    assert.deepEqual([Object.keys(consent).length, consent['Ads'], consent['c0']], [101, 'denied', 'granted']);
  });

  it('withdrawn while two were one is withdrawn for both when they are separated', async () => {
    const given: Given[] = [
      identify({ anonymousId: 'a1' }, {}, ads(true)),
      identify({ userId: 'ada' }),
      identify({ userId: 'ada', anonymousId: 'a1' }),
    ];
    const before = await after(given);
    const [link] = (await before.rows('links')) as readonly LinksRow[];
    const ada = (await before.idOf({ userId: 'ada' })) ?? '';
    const hub = await after([
      ...given,
      identify({ userId: 'ada' }, {}, ads(false)),
      { kind: 'hub', name: 'tendril.unsubscribed', properties: { channel: 'email', purpose: 'marketing', person: ada } },
      { kind: 'hub', name: 'tendril.profiles.unmerge_requested', properties: { link: link?.id ?? '' } },
    ]);
    for (const input of [{ userId: 'ada' }, { anonymousId: 'a1' }]) {
      const id = (await hub.idOf(input)) ?? '';
      assert.deepEqual((await hub.run((call) => get({ id }, call))).consent, { Ads: 'denied', email: 'denied' }, JSON.stringify(input));
    }
  });

  it('of an address that the operator suppressed is taken back with it', async () => {
    const suppressed: Given = { kind: 'hub', name: 'tendril.suppressed', properties: { channel: 'email', address: 'ADA@x.invalid' } };
    const given = [identify({ userId: 'ada' }, { email: 'ada@x.invalid' }), suppressed];
    const hub = await after(given);
    const id = (await hub.idOf({ userId: 'ada' })) ?? '';
    assert.deepEqual((await hub.run((call) => get({ id }, call))).consent, { email: 'denied' });
    const later = await after([...given, { ...suppressed, name: 'tendril.unsuppressed' }]);
    assert.deepEqual((await later.run((call) => get({ id }, call))).consent, { email: 'granted' });
  });
});

describe('groups', () => {
  it('have traits of their own and the people that events say, merged ones once', async () => {
    const group = (identities: Given['identities'], traits: JsonObject, minute: number): Given => ({
      kind: 'group',
      identities: { ...identities, groupId: 'acme' },
      traits,
      minute,
    });
    const hub = await after([
      group({ userId: 'ada' }, { name: 'Acme Ltd', seats: 5 }, 5),
      group({ anonymousId: 'a1' }, { name: 'Acme' }, 2),
      group({ userId: 'bob' }, { plan: 'team' }, 9),
      identify({ userId: 'ada', anonymousId: 'a1' }),
    ]);
    const acme = await hub.run((call) => groupGet({ id: 'acme' }, call));
    assert.deepEqual(acme.traits, { name: 'Acme Ltd', seats: 5, plan: 'team' });
    assert.equal(acme.sources['name']?.source, 'm1');
    assert.deepEqual([acme.people, acme.counted], [2, 2]);
    assert.equal((await hub.run((call) => groupList({}, call))).items[0]?.people, 2);
    const members = await hub.run((call) => groupMembers({ id: 'acme' }, call));
    assert.deepEqual(
      new Set(members.items.map(({ id }) => id)),
      new Set([await hub.idOf({ userId: 'ada' }), await hub.idOf({ userId: 'bob' })]),
    );
    await assert.rejects(
      hub.run((call) => groupGet({ id: 'nobody' }, call)),
      { code: 'NOT_FOUND' },
    );
  });
});
