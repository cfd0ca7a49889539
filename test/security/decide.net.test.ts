import assert from 'node:assert/strict';
import { findPlugins } from '../../cli/src/wiring/plugin-sources.ts';
import { startPluginHub, until } from '../support/plugin-hub.ts';
import type { PluginHub, Reply, Side } from '../support/plugin-hub.ts';

const HERO = {
  id: 'hero',
  kind: 'page_slot',
  fallback: { headline: 'Welcome' },
  candidates: [{ id: 'pro', content: { headline: 'For professionals' }, when: 'profile.traits.plan == "pro"' }],
};

describe('decisions for the pages of an application', function () {
  this.timeout(60_000);
  let served: PluginHub;
  let acme: Side;
  let globex: Side;
  before(async () => {
    served = await startPluginHub([], 'process', { plugins: await findPlugins(['profiles']) });
    acme = await served.side('acme', ['profiles']);
    globex = await served.side('globex', ['profiles']);
    await call('place_save', { place: HERO });
    await call('place_save', { place: { ...HERO, id: 'mail', kind: 'message' } });
    const identify = {
      type: 'identify',
      messageId: 'm1',
      anonymousId: 'a1',
      userId: 'ada',
      traits: { plan: 'pro', email: 'ada@shop.example' },
    };
    await served.ask('POST', '/v1/batch', { key: acme.write, body: { batch: [identify] } });
    await until(
      () => decide({ anonymousId: 'a1', place: 'hero' }),
      ({ json }) => json['candidate'] === 'pro',
    );
  });
  after(() => served.close());

  const decide = (body: object, key = acme.write, headers: Readonly<Record<string, string>> = {}): Promise<Reply> =>
    served.ask('POST', '/plugins/profiles/decide', { key, body, headers });
  const call = async (action: string, input: object): Promise<Record<string, unknown>> => {
    const { status, json, text } = await served.ask('POST', `/v1/actions/profiles.${action}`, { key: acme.admin, body: { input } });
    assert.equal(status, 200, text);
    return json['output'] as Record<string, unknown>;
  };

  it('come by the write key, for pages of the app’s origins, and hold nothing of the person', async () => {
    const answer = await decide({ anonymousId: 'a1', place: 'hero' }, acme.write, { origin: 'https://shop.example' });
    assert.deepEqual([answer.status, answer.headers.get('access-control-allow-origin')], [200, 'https://shop.example']);
    assert.deepEqual(answer.json['content'], { headline: 'For professionals' });
    for (const secret of ['ada', 'reason', 'considered', 'traits']) assert.ok(!answer.text.includes(secret), answer.text);
    assert.equal((await decide({ anonymousId: 'a1', place: 'hero' }, acme.write, { origin: 'https://evil.example' })).status, 403);
  });

  it('are not for whoever names somebody by anything but the visitor’s own id', async () => {
    for (const who of [{ userId: 'ada' }, { person: 'p1' }, { anonymousId: 'a1', userId: 'ada' }])
      assert.equal((await decide({ ...who, place: 'hero' })).json['code'], 'INPUT_INVALID');
    assert.equal((await decide({ anonymousId: 'a1', place: 'mail' })).status, 404);
    assert.equal((await served.ask('POST', '/plugins/profiles/decide', { body: { anonymousId: 'a1', place: 'hero' } })).status, 401);
    assert.equal((await decide({ anonymousId: 'a1', place: 'hero' }, globex.write)).status, 404);
  });

  it('are counted when the application reports what became of them', async () => {
    const decision = (await decide({ anonymousId: 'a1', place: 'hero' })).json['decision'];
    const track = (event: string, messageId: string): object => ({
      type: 'track',
      event,
      messageId,
      anonymousId: 'a1',
      properties: { decision },
    });
    const batch = [track('Decision Shown', 's1'), track('Decision Clicked', 'c1'), track('Decision Shown', 's2')];
    await served.ask('POST', '/v1/batch', { key: acme.write, body: { batch } });
    const results = await until(
      () => call('place_results', { id: 'hero' }),
      ({ candidates }) => (candidates as readonly { clicked: number }[])[0]?.clicked === 1,
    );
    assert.equal((results['candidates'] as readonly { shown: number }[])[0]?.shown, 1);
  });

  it('are given to more visitors in a minute than one sender of anything else may be', async () => {
    const answers = new Map<number, number>();
    for (let round = 0; round < 13; round += 1) {
      const replies = await Promise.all(Array.from({ length: 100 }, () => decide({ anonymousId: 'a1', place: 'hero' })));
      for (const { status } of replies) answers.set(status, (answers.get(status) ?? 0) + 1);
    }
    assert.deepEqual([...answers], [[200, 1_300]]);
  });
});
