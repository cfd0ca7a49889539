import assert from 'node:assert/strict';
import { createPanels } from '../../src/plugins/index.ts';
import { anyAction, source, startHost } from './fixture.ts';
import type { HostFixture } from './fixture.ts';

describe('panels of plugins', () => {
  let fixture: HostFixture | undefined;
  afterEach(async () => {
    await fixture?.host.stop();
  });

  async function panels(view: string, output: unknown, place = 'overview'): Promise<ReturnType<typeof createPanels>> {
    fixture = await startHost([
      source(
        { id: 'acme', contributes: { actions: { show: anyAction() }, panels: { one: { title: 'One', view, action: 'show', place } } } },
        (to) => to.action('show', async () => ({})),
      ),
    ]);
    const { host } = fixture;
    return createPanels(
      {
        plugins: () => host.plugins(),
        enabled: (tenantId) => host.enabled(tenantId),
        read: async (_tenant, _action, input) => ({
          output: (typeof output === 'function' ? (output as (given: unknown) => unknown)(input) : output) as null,
        }),
      },
      'acme',
    );
  }

  it('show what their view can show', async () => {
    const { readPanel } = await panels('number', { value: 4, label: 'orders' });
    assert.deepEqual(await readPanel('acme.one', {}), { view: 'number', data: { value: 4, label: 'orders' } });
  });

  for (const [view, output] of [
    ['number', { value: '4' }],
    ['number', null],
    ['text', { text: 'a', html: '<script>' }],
    ['table', { columns: [{ key: 'a', title: 'A' }], rows: [{ a: [1] }] }],
    ['bar', { series: [{ name: 'a', points: Array.from({ length: 401 }, (_, x) => ({ x, y: 1 })) }] }],
  ] as const) {
    it(`refuse ${JSON.stringify(output).slice(0, 40)} for ${view}, and tell the place`, async () => {
      const { readPanel } = await panels(view, output);
      await assert.rejects(readPanel('acme.one', {}), (error: { code?: string; details?: { problems?: readonly unknown[] } }) => {
        assert.equal(error.code, 'PLUGIN_FAULTY');
        assert.ok((error.details?.problems?.length ?? 0) > 0);
        return true;
      });
    });
  }

  it('about a person are asked with who it is, and need it', async () => {
    const { readPanel } = await panels('text', (input: { readonly personId?: string }) => ({ text: String(input.personId) }), 'person');
    assert.deepEqual((await readPanel('acme.one', { subject: 'p1' })).data, { text: 'p1' });
    await assert.rejects(readPanel('acme.one', {}), { code: 'INPUT_INVALID' });
  });

  it('name an action that takes what their place asks it with', async () => {
    const needsMore = anyAction({ input: { type: 'object', required: ['month'], properties: { month: { type: 'string' } } } });
    fixture = await startHost([
      source(
        { id: 'acme', contributes: { actions: { show: needsMore }, panels: { one: { title: 'One', view: 'text', action: 'show' } } } },
        (to) => to.action('show', async () => ({})),
      ),
    ]);
    const [fault] = fixture.host.catalogue.faults();
    assert.equal(fault?.pointer, '/contributes/panels/one/action');
    assert.match(fault?.message ?? '', /does not take what a panel at the place plugin asks it with, \{\}: \/month is missing/);
  });
});
