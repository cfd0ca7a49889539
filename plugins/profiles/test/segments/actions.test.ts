import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { audience } from '../../src/actions/audience.ts';
import { segmentDelete } from '../../src/actions/segment-delete.ts';
import { segmentGet } from '../../src/actions/segment-get.ts';
import { segmentList } from '../../src/actions/segment-list.ts';
import { segmentMembers } from '../../src/actions/segment-members.ts';
import { segmentPreview } from '../../src/actions/segment-preview.ts';
import { segmentSave } from '../../src/actions/segment-save.ts';
import { segmentWhy } from '../../src/actions/segment-why.ts';
import { traitDelete } from '../../src/actions/trait-delete.ts';
import { traitList } from '../../src/actions/trait-list.ts';
import { traitSave } from '../../src/actions/trait-save.ts';
import { SegmentsTenant } from './segments-tenant.ts';

async function refusal(asking: Promise<unknown>): Promise<TendrilError> {
  const error: unknown = await asking.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (TendrilError.is(error)) return error;
  throw new Error('was not refused');
}

async function someBuyers(): Promise<SegmentsTenant> {
  const tenant = new SegmentsTenant();
  for (const [user, total] of Object.entries({ u1: 40, u2: 60, u3: 200 })) {
    tenant.identify(user, { plan: user === 'u3' ? 'pro' : 'free' });
    tenant.track(user, 'Order Completed', { total });
  }
  await tenant.follow();
  return tenant;
}

describe('actions of segments', () => {
  it('tell each tenant its own words for the same condition, and the latest', async () => {
    const save = async (title: string, tenant = new SegmentsTenant()): Promise<SegmentsTenant> => {
      await tenant.ask(segmentSave, { name: 'paying', title, condition: 'profile.traits.plan == "pro"' });
      await tenant.follow();
      await tenant.ask(segmentList, {});
      return tenant;
    };
    const titleOf = async (tenant: SegmentsTenant): Promise<string | undefined> => (await tenant.ask(segmentList, {})).items[0]?.title;
    const ours = await save('Ours');
    const theirs = await save('Theirs');
    assert.deepEqual([await titleOf(ours), await titleOf(theirs)], ['Ours', 'Theirs']);
    await save('Ours, again', ours);
    assert.equal(await titleOf(ours), 'Ours, again');
  });

  it('save, list, get and delete', async () => {
    const tenant = await someBuyers();
    const saved = await tenant.ask(segmentSave, { name: 'big', title: 'Big', condition: 'sum("Order Completed", "total") > 50.0' });
    assert.deepEqual(saved, { name: 'big', isNew: true, isChanged: true, isVisible: false, warnings: [] });
    await tenant.follow();
    await tenant.ask(segmentSave, { name: 'best', condition: 'in_segment("big") && profile.traits.plan == "pro"' });
    await tenant.follow();
    const { items } = await tenant.ask(segmentList, {});
    assert.deepEqual(
      items.map(({ name, title, state, members, version, progress }) => ({ name, title, state, members, version, progress })),
      [
        { name: 'best', title: '', state: 'active', members: 1, version: 1, progress: undefined },
        { name: 'big', title: 'Big', state: 'active', members: 2, version: 1, progress: undefined },
      ],
    );
    const big = await tenant.ask(segmentGet, { name: 'big' });
    assert.deepEqual([big.reads, big.usedBy], [['event:Order Completed'], ['best']]);
    const refused = await refusal(tenant.ask(segmentDelete, { name: 'big' }));
    assert.deepEqual([refused.code, refused.details['usedBy']], ['INPUT_INVALID', ['best']]);
    await tenant.ask(segmentDelete, { name: 'best' });
    await tenant.follow();
    await tenant.ask(segmentDelete, { name: 'big' });
    await tenant.follow();
    assert.deepEqual((await tenant.ask(segmentList, {})).items, []);
    assert.deepEqual(await tenant.rows('aggregates'), [], 'what nobody needs is counted no more');
  });

  it('refuse what cannot be, with the place and what was meant', async () => {
    const tenant = await someBuyers();
    await tenant.ask(segmentSave, { name: 'vip', condition: 'profile.traits.plan == "pro"' });
    await tenant.follow();
    const condition = 'profile.isIdentified && in_segment("vpi")';
    const unknown = await refusal(tenant.ask(segmentSave, { name: 'other', condition }));
    assert.equal(unknown.details['suggestion'], 'vip');
    assert.equal(condition.slice(Number(unknown.details['start']), Number(unknown.details['end'])), '"vpi"');
    await tenant.ask(segmentSave, { name: 'other', condition: 'in_segment("vip")' });
    await tenant.follow();
    const cycle = await refusal(tenant.ask(segmentSave, { name: 'vip', condition: 'in_segment("other")' }));
    assert.deepEqual(cycle.details['cycle'], ['vip', 'other', 'vip']);
    assert.match(String(cycle.details['problem']), /vip → other → vip/);
    assert.equal((await refusal(tenant.ask(segmentSave, { name: 'me', condition: 'in_segment("me")' }))).code, 'EXPRESSION_INVALID');
  });

  it('refuse what membership does not follow, before it is saved and when it is tried', async () => {
    const tenant = await someBuyers();
    const faultOf = async (condition: string): Promise<[string, string, unknown]> => {
      const saving = await refusal(tenant.ask(segmentSave, { name: 'odd', condition }));
      assert.deepEqual((await refusal(tenant.ask(segmentPreview, { condition }))).details, saving.details);
      const { start, end, problem, suggestion } = saving.details;
      return [condition.slice(Number(start), Number(end)), String(problem), suggestion];
    };
    assert.deepEqual(await faultOf('"vip" in profile.segments'), [
      'profile.segments',
      'Conditions ask for other segments by `in_segment("name")`.',
      undefined,
    ]);
    const [place, problem] = await faultOf('profile.isIdentified && size(profile["identities"]) > 2');
    assert.equal(place, '"identities"');
    assert.match(problem, /no `profile\.identities`; there are traits, scores, groups/);
    const [misspelt, , meant] = await faultOf('profile.trait.plan == "pro"');
    assert.deepEqual([misspelt, meant], ['profile.trait', 'profile.traits']);
    // A log that has one from before gives the same segments as ever.
    tenant.define('older', 'size(profile.identities) > 2');
    await tenant.follow();
    assert.deepEqual(
      (await tenant.ask(segmentList, {})).items.map(({ name }) => name),
      ['older'],
    );
  });

  it('warn of names that nobody has seen', async () => {
    const tenant = await someBuyers();
    const condition = 'did("Order Complete") && profile.traits.plann == "pro"';
    const { warnings } = await tenant.ask(segmentSave, { name: 'typo', condition });
    assert.deepEqual(
      warnings.map(({ message }) => message),
      ['No event `Order Complete` was seen lately; there is `Order Completed`.', 'No trait `plann` was seen lately; there is `plan`.'],
    );
  });

  it('do not warn of an event because much else came behind it', async () => {
    const tenant = await someBuyers();
    for (let index = 0; index < 2_100; index += 1) tenant.track('u1', 'Page Read');
    const { warnings } = await tenant.ask(segmentPreview, { condition: 'did("Order Completed") || did("Order Cancelled")' });
    assert.deepEqual(
      warnings.map(({ message }) => message),
      ['No event `Order Cancelled` was seen lately; there is `Order Completed`.'],
    );
  });

  it('give the members to whoever sends to them', async () => {
    const tenant = await someBuyers();
    await tenant.ask(segmentSave, { name: 'big', condition: 'sum("Order Completed", "total") > 50.0' });
    assert.equal((await refusal(tenant.ask(audience, { segment: 'big' }))).code, 'NOT_FOUND');
    await tenant.follow();
    const first = await tenant.ask(audience, { segment: 'big', limit: 1 });
    const second = await tenant.ask(audience, { segment: 'big', limit: 1, cursor: first.nextCursor ?? '' });
    assert.equal(first.total, 2);
    assert.deepEqual([...first.people, ...second.people], await tenant.members('big'));
    const members = await tenant.ask(segmentMembers, { name: 'big' });
    assert.deepEqual(members.items.map(({ traits }) => traits['plan']).sort(), ['free', 'pro']);
    assert.equal(members.total, 2);
  });

  it('say why somebody is in or not, by the parts of the condition and the events that count', async () => {
    const tenant = await someBuyers();
    await tenant.ask(segmentSave, {
      name: 'big',
      condition: 'sum("Order Completed", "total", "30d") > 50.0 && profile.traits.plan == "pro"',
    });
    await tenant.follow();
    const why = await tenant.ask(segmentWhy, { name: 'big', person: (await tenant.person('u3')).id });
    assert.equal(why.isMember, true);
    const not = await tenant.ask(segmentWhy, { name: 'big', person: (await tenant.person('u2')).id });
    assert.equal(not.isMember, false);
    assert.deepEqual(not.clauses, [
      {
        condition: 'sum("Order Completed", "total", "30d") > 50.0',
        holds: true,
        values: [{ expression: 'sum("Order Completed", "total", "30d")', value: 60 }],
      },
      { condition: 'profile.traits.plan == "pro"', holds: false, values: [{ expression: 'profile.traits.plan', value: 'free' }] },
    ]);
    assert.deepEqual(
      not.events.map(({ name, countsFor, properties }) => ({ name, countsFor, properties })),
      [{ name: 'Order Completed', countsFor: 'sum("Order Completed", "total", "30d")', properties: { total: 60 } }],
    );
  });

  it('count before anything is saved, from the log and from what is kept', async () => {
    const tenant = await someBuyers();
    const condition = 'maximum("Order Completed", "total", "30d") > 50.0';
    const preview = await tenant.ask(segmentPreview, { condition, sample: 1 });
    assert.deepEqual(
      { ...preview, sample: preview.sample.length },
      {
        count: 2,
        estimate: 2,
        peopleExamined: 3,
        peopleTotal: 3,
        eventsExamined: 6,
        isPartial: false,
        sample: 1,
        warnings: [],
      },
    );
    await tenant.ask(segmentSave, { name: 'big', condition });
    await tenant.follow();
    const again = await tenant.ask(segmentPreview, { condition });
    assert.deepEqual([again.count, again.eventsExamined], [2, 0]);
  });

  it('keep computed traits, and refuse to delete one that a segment reads', async () => {
    const tenant = await someBuyers();
    await tenant.ask(traitSave, { name: 'spent', trait: { event: 'Order Completed', aggregate: 'sum', property: 'total' } });
    await tenant.follow();
    assert.deepEqual(await tenant.computedOf('u2'), { spent: 60 });
    await tenant.ask(segmentSave, { name: 'big', condition: 'profile.traits.spent > 100' });
    await tenant.follow();
    assert.deepEqual(await tenant.segmentsOf('u3'), ['big']);
    assert.deepEqual((await refusal(tenant.ask(traitDelete, { name: 'spent' }))).details['usedBy'], ['big']);
    await tenant.ask(segmentDelete, { name: 'big' });
    await tenant.follow();
    await tenant.ask(traitDelete, { name: 'spent' });
    await tenant.follow();
    assert.deepEqual((await tenant.ask(traitList, {})).items, []);
    assert.deepEqual(await tenant.computedOf('u2'), {});
    const wrong = { name: 'x', trait: { event: 'a', aggregate: 'sum' } } as const;
    assert.match(String((await refusal(tenant.ask(traitSave, wrong))).details['reason']), /needs a property/);
  });

  it('let no computed trait take the place of what says who people are, and warn where it takes that of another', async () => {
    const tenant = await someBuyers();
    const trait = { event: 'Order Completed', aggregate: 'count' } as const;
    for (const name of ['email', 'phone'])
      assert.match(String((await refusal(tenant.ask(traitSave, { name, trait }))).details['reason']), /says who people are/);
    assert.deepEqual((await tenant.ask(traitSave, { name: 'orders', trait })).warnings, []);
    const [warning] = (await tenant.ask(traitSave, { name: 'plan', trait })).warnings;
    assert.match(warning?.message ?? '', /People state a trait `plan` themselves/);
  });
});
