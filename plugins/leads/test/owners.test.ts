import assert from 'node:assert/strict';
import { assign } from '../src/actions/assign.ts';
import { get } from '../src/actions/get.ts';
import { handOver } from '../src/actions/hand-over.ts';
import { owners } from '../src/actions/owners.ts';
import { queue } from '../src/actions/queue.ts';
import { setStatus } from '../src/actions/set-status.ts';
import { snooze } from '../src/actions/snooze.ts';
import type { Settings } from '../src/gen/manifest.gen.ts';
import { refresh } from '../src/schedules/refresh.ts';
import { createLeadsTenant } from './leads-tenant.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 1);
const POINTS: Settings = { points: [{ feature: 'traits.size', atLeast: 0, points: 1 }] };
const TEAM: Settings = {
  owners: [
    { id: 'ada', name: 'Ada', email: 'ada@team.invalid' },
    { id: 'bob', name: 'Bob' },
    { id: 'eve', name: 'Eve' },
  ],
};

async function withLeads(count: number, settings: Settings) {
  const tenant = createLeadsTenant(settings);
  for (let index = 0; index < count; index += 1)
    tenant.append('identify', '$identify', `p${index}`, {
      traits: { email: `p${index}@x.invalid`, size: index, country: index % 2 === 0 ? 'DE' : 'US' },
    });
  await tenant.deliver();
  return tenant;
}

async function assignAll(tenant: Awaited<ReturnType<typeof withLeads>>, count: number): Promise<readonly (string | null)[]> {
  const given: (string | null)[] = [];
  for (let index = 0; index < count; index += 1) given.push((await tenant.run((call) => assign({ id: `lead-p${index}` }, call))).owner);
  return given;
}

describe('leads.assign', () => {
  it('goes round, and says whose a lead is', async () => {
    const tenant = await withLeads(6, TEAM);
    assert.deepEqual(await assignAll(tenant, 6), ['ada', 'bob', 'eve', 'ada', 'bob', 'eve']);
    assert.deepEqual(tenant.emitted[0], {
      name: 'tendril.leads.assigned',
      discriminator: 'lead-p0',
      identities: { userId: 'p0' },
      properties: {
        lead: 'lead-p0',
        person: 'p0',
        owner: 'ada',
        ownerName: 'Ada',
        ownerEmail: 'ada@team.invalid',
        previousOwner: null,
        by: 'rule',
      },
    });
    assert.equal((await tenant.run((call) => assign({ id: 'lead-p0' }, call))).isChanged, false);
    assert.equal(tenant.emitted.length, 6);
  });

  it('goes by load, and leaves out who is away, full for the day or full at all', async () => {
    const settings: Settings = {
      assignment: { by: 'load' },
      owners: [
        { id: 'ada', name: 'Ada', maximumOpen: 4 },
        { id: 'bob', name: 'Bob', maximumOpen: 2 },
        { id: 'eve', name: 'Eve', isAway: true },
        { id: 'dan', name: 'Dan', perDay: 1 },
      ],
    };
    const tenant = await withLeads(9, settings);
    const given = await assignAll(tenant, 9);
    const countOf = (id: string | null): number => given.filter((owner) => owner === id).length;
    assert.deepEqual([countOf('ada'), countOf('bob'), countOf('eve'), countOf('dan'), countOf(null)], [4, 2, 0, 1, 2]);
    tenant.latest().advance(24 * HOUR);
    assert.equal((await tenant.run((call) => assign({ id: `lead-p${given.indexOf(null)}` }, call))).owner, 'dan');
    const answer = await tenant.run((call) => owners({}, call));
    assert.deepEqual(
      answer.owners.map(({ id, openLeads, hasRoom }) => [id, openLeads, hasRoom]),
      [
        ['ada', 4, false],
        ['bob', 2, false],
        ['eve', 0, false],
        ['dan', 2, false],
      ],
    );
    assert.equal(answer.unassigned, 1);
  });

  it('keeps territories, by what is known of the person', async () => {
    const tenant = await withLeads(4, {
      owners: [
        { id: 'ada', name: 'Ada', territory: 'lead.country == "DE"' },
        { id: 'bob', name: 'Bob', territory: 'profile.traits.country == "US"' },
        { id: 'bad', name: 'Bad', territory: 'lead.' },
      ],
    });
    assert.deepEqual(await assignAll(tenant, 4), ['ada', 'bob', 'ada', 'bob']);
    assert.ok((await tenant.run((call) => owners({}, call))).owners[2]?.problem?.startsWith('lead.:'));
  });

  it('lets nobody be chosen twice by two at once: the second is refused, and done again by the host', async () => {
    const tenant = await withLeads(2, TEAM);
    const calls = [tenant.latest().next({ settings: TEAM }), tenant.latest().next({ settings: TEAM })];
    await Promise.all(calls.map((call, index) => assign({ id: `lead-p${index}` }, call)));
    await calls[0]?.commit();
    await assert.rejects(async () => calls[1]?.commit(), { code: 'CONFLICT' });
  });

  it('assigns by hand whatever the room, and leaves a taken lead to its owner when it is claimed', async () => {
    const tenant = await withLeads(1, {
      owners: [
        { id: 'ada', name: 'Ada', maximumOpen: 0 },
        { id: 'bob', name: 'Bob' },
      ],
    });
    assert.equal((await tenant.run((call) => assign({ id: 'lead-p0', owner: 'ada', ifFree: true }, call))).owner, 'ada');
    assert.deepEqual(await tenant.run((call) => assign({ id: 'lead-p0', owner: 'bob', ifFree: true }, call)), {
      id: 'lead-p0',
      owner: 'ada',
      previousOwner: 'ada',
      isChanged: false,
    });
    assert.equal((await tenant.run((call) => assign({ id: 'lead-p0', owner: 'bob' }, call))).previousOwner, 'ada');
    await assert.rejects(
      tenant.run((call) => assign({ id: 'lead-p0', owner: 'nobody' }, call)),
      { code: 'NOT_FOUND' },
    );
  });

  it('assigns by itself at the stage of the settings', async () => {
    const tenant = await withLeads(3, {
      ...TEAM,
      points: [{ feature: 'traits.size', atLeast: 1, points: 60 }],
      stages: [{ name: 'SQL', conditions: ['lead.probability > 0.5'] }],
      assignment: { stage: 'SQL' },
    });
    assert.deepEqual(
      (await tenant.rows('leads')).map(({ owner }) => owner),
      [undefined, 'ada', 'bob'],
    );
  });

  it('hands the leads of somebody who leaves to others, in pieces, and keeps those of nobody visible', async () => {
    const tenant = await withLeads(7, TEAM);
    for (let index = 0; index < 7; index += 1) await tenant.run((call) => assign({ id: `lead-p${index}`, owner: 'ada' }, call));
    await tenant.run((call) => setStatus({ id: 'lead-p0', status: 'won' }, call));
    tenant.configure({
      owners: [
        { id: 'bob', name: 'Bob', maximumOpen: 3 },
        { id: 'eve', name: 'Eve', maximumOpen: 2 },
      ],
    });
    const first = await tenant.run((call) => handOver({ from: 'ada', limit: 4 }, call));
    assert.deepEqual(first, { moved: 4, freed: 0, hasMore: true });
    assert.deepEqual(await tenant.run((call) => handOver({ from: 'ada', limit: 4 }, call)), { moved: 1, freed: 1, hasMore: false });
    assert.deepEqual(await tenant.run((call) => handOver({ from: 'ada' }, call)), { moved: 0, freed: 0, hasMore: false });
    const owned = (await tenant.rows('leads')).map(({ owner }) => owner);
    assert.deepEqual(
      ['ada', 'bob', 'eve', undefined].map((id) => owned.filter((owner) => owner === id).length),
      [1, 3, 2, 1],
    );
    assert.equal((await tenant.run((call) => queue({ owner: 'none' }, call))).items.length, 1);
  });
});

describe('leads.queue', () => {
  const SCALE: Settings = {
    points: Array.from({ length: 20 }, (_, index) => ({ feature: 'traits.size', atLeast: index, points: 5 })),
  };

  it('ranks by expected value where one is declared, page by page, with what to do next', async () => {
    const settings: Settings = { ...SCALE, value: { currency: 'EUR', trait: 'budget', cents: 100 } };
    const tenant = createLeadsTenant(settings);
    for (let index = 0; index < 10; index += 1)
      tenant.append('identify', '$identify', `p${index}`, {
        traits: { name: `N${index}`, phone: `+49 30 90182${index}`, size: index, ...(index === 2 ? { budget: 1000 } : {}) },
      });
    await tenant.deliver();
    const first = await tenant.run((call) => queue({ limit: 3 }, call));
    assert.equal(first.by, 'expected_value');
    assert.deepEqual(
      first.items.map(({ person, expectedValueCents }) => [person, expectedValueCents]),
      [
        ['p2', 15_000],
        ['p9', 50],
        ['p8', 45],
      ],
    );
    assert.equal(first.items[0]?.nextStep, 'Call +4930901822 (N2) for the first time: size is 2.');
    const second = await tenant.run((call) => queue({ limit: 3, cursor: first.nextCursor ?? '' }, call));
    assert.deepEqual(
      second.items.map(({ person }) => person),
      ['p7', 'p6', 'p5'],
    );
    const byProbability = await tenant.run((call) => queue({ by: 'probability', limit: 1 }, call));
    assert.equal(byProbability.items[0]?.person, 'p9');
  });

  it('leaves out what is done or put off, and brings the latter back in time', async () => {
    const tenant = await withLeads(3, SCALE);
    const people = async (): Promise<readonly string[]> => (await tenant.run((call) => queue({}, call))).items.map(({ person }) => person);
    await tenant.run((call) => setStatus({ id: 'lead-p0', status: 'lost' }, call));
    await tenant.run((call) => snooze({ id: 'lead-p2', until: new Date(START + HOUR).toISOString() }, call));
    assert.deepEqual(await people(), ['p1']);
    tenant.latest().advance(HOUR / 2);
    await tenant.run(refresh);
    assert.deepEqual(await people(), ['p1']);
    tenant.latest().advance(HOUR);
    await tenant.run(refresh);
    assert.deepEqual(await people(), ['p2', 'p1']);
    assert.equal((await tenant.run((call) => get({ id: 'lead-p2' }, call))).snoozedUntil, undefined);
    await assert.rejects(
      tenant.run((call) => snooze({ id: 'lead-p1', until: new Date(START).toISOString() }, call)),
      { code: 'INPUT_INVALID' },
    );
    await assert.rejects(
      tenant.run((call) => snooze({ id: 'lead-p0', until: new Date(START + 9 * HOUR).toISOString() }, call)),
      { code: 'INPUT_INVALID' },
    );
    await tenant.run((call) => snooze({ id: 'lead-p2', until: new Date(START + 9 * HOUR).toISOString() }, call));
    await tenant.run((call) => snooze({ id: 'lead-p2', until: null }, call));
    assert.deepEqual(await people(), ['p2', 'p1']);
  });

  it('shows the leads of an owner and of a stage', async () => {
    const tenant = await withLeads(4, { ...POINTS, ...TEAM });
    await tenant.run((call) => assign({ id: 'lead-p1', owner: 'bob' }, call));
    assert.deepEqual(
      (await tenant.run((call) => queue({ owner: 'bob' }, call))).items.map(({ person }) => person),
      ['p1'],
    );
    assert.equal((await tenant.run((call) => queue({ owner: 'none' }, call))).items.length, 3);
    assert.equal((await tenant.run((call) => queue({ stage: 'MQL' }, call))).items.length, 0);
  });
});
