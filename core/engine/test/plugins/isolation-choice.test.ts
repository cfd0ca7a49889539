import assert from 'node:assert/strict';
import { FakeIsolation } from './fake-isolation.ts';
import { anyAction, oneAction, RUN, source, startHost } from './fixture.ts';
import type { HostFixture } from './fixture.ts';

describe('where the code of a plugin runs', () => {
  let fixture: HostFixture | undefined;
  afterEach(async () => {
    await fixture?.host.stop();
    fixture = undefined;
  });

  const probe = oneAction(async () => 'process');
  const go = async ({ host, action }: HostFixture): Promise<unknown> => (await host.runAction('acme', action('probe.go'), {}, RUN)).output;

  it('is this process where there is no isolation, as in tests', async () => {
    fixture = await startHost([{ ...probe, isTrusted: false }]);
    assert.equal(await go(fixture), 'process');
    assert.equal(fixture.host.plugin('probe')?.runsIn, 'process');
  });

  it('is this process for a trusted one', async () => {
    const isolation = new FakeIsolation(async () => 'child');
    fixture = await startHost([{ ...probe, isTrusted: true }], { isolation });
    assert.equal(await go(fixture), 'process');
    assert.deepEqual(isolation.made, []);
  });

  it('is another one for the rest, whose module this process never loads', async () => {
    const isolation = new FakeIsolation(async () => 'child');
    const load = async (): Promise<never> => {
      throw new Error('was loaded in this process');
    };
    fixture = await startHost([{ ...probe, load }], { isolation });
    assert.equal(await go(fixture), 'child');
    assert.equal(fixture.host.plugin('probe')?.runsIn, 'child');
    await fixture.host.stop();
    assert.equal(isolation.isClosed, true);
    fixture = undefined;
  });

  it('is none for a plugin with nothing to register, trusted or not', async () => {
    const isolation = new FakeIsolation(async () => 'child');
    const load = async (): Promise<never> => {
      throw new Error('there is no entry module');
    };
    const events = { 'Order Seen': { properties: { type: 'object' } } };
    const data = { permissions: { events: { write: ['Order Seen'] } }, contributes: { events } };
    fixture = await startHost(
      [source({ id: 'foreign', ...data }, undefined, { load }), source({ id: 'own' }, undefined, { load, isTrusted: true })],
      { isolation },
    );
    assert.deepEqual(fixture.host.catalogue.faults(), []);
    assert.equal(fixture.host.plugin('foreign')?.runsIn, 'declarative');
    assert.deepEqual(isolation.made, []);
  });

  it('names what could not be made ready, and goes on without it', async () => {
    const isolation = new FakeIsolation(async () => 'child');
    isolation.createRunner = () => {
      throw new Error('it has no location');
    };
    fixture = await startHost(
      [
        probe,
        source({ id: 'other', contributes: { actions: { go: anyAction() } } }, (host) => host.action('go', async () => null), {
          isTrusted: true,
        }),
      ],
      { isolation },
    );
    assert.deepEqual(
      fixture.host.catalogue.faults().map(({ plugin, message }) => `${plugin} ${message}`),
      ['probe failed while it was loaded: it has no location'],
    );
    assert.ok(fixture.host.plugin('other') !== undefined);
  });
});
