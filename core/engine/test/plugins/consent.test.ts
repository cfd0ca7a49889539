import assert from 'node:assert/strict';
import type { Host, JsonObject, LoggedEvent } from '@tendril/plugin-api';
import { permissionsHash } from '../../src/plugins/index.ts';
import type { PluginSource } from '../../src/plugins/index.ts';
import { FakeIsolation } from './fake-isolation.ts';
import { anyAction, RUN, source, startHost } from './fixture.ts';
import type { HostFixture } from './fixture.ts';

const NARROW = { hosts: ['api.acme.com'], storage: ['kv'] };
const WIDE = { ...NARROW, money: { currencies: ['EUR'] } };
const contributes = { actions: { go: anyAction() } };
const hashOf = (permissions: object): string => permissionsHash({ permissions });

/** A version of a plugin that is not trusted. */
function foreign(version: string, permissions: JsonObject, more: Partial<PluginSource> = {}): PluginSource {
  const packageJson = { name: '@acme/plugin-probe', version };
  return source({ id: 'probe', permissions, contributes }, undefined, { packageJson, ...more });
}

describe('consent', () => {
  let fixture: HostFixture | undefined;
  let found: readonly PluginSource[] = [];
  afterEach(async () => {
    await fixture?.host.stop();
    fixture = undefined;
  });

  async function start(...sources: readonly PluginSource[]): Promise<HostFixture> {
    found = sources;
    return (fixture = await startHost(sources, { isolation: new FakeIsolation(), enable: false, findPlugins: async () => found }));
  }
  const go = async ({ host, action }: HostFixture): Promise<unknown> => (await host.runAction('acme', action('probe.go'), {}, RUN)).output;
  const shown = async ({ host }: HostFixture) => (await host.tenantPlugins('acme').list()).find(({ id }) => id === 'probe');

  it('is needed for what is not trusted, to what was shown and nothing else', async () => {
    const started = await start(foreign('1.0.0', NARROW));
    const plugins = started.host.tenantPlugins('acme');
    await assert.rejects(plugins.enable('probe'), (error: { code: string; details: JsonObject }) => {
      assert.deepEqual(error.details['permissions'], ['May reach api.acme.com', 'May store small values of its own']);
      assert.equal(error.details['consent'], hashOf(NARROW));
      return error.code === 'PLUGIN_CONSENT_NEEDED';
    });
    await assert.rejects(plugins.enable('probe', { consent: hashOf(WIDE) }), { code: 'PLUGIN_CONSENT_NEEDED' });
    assert.equal((await shown(started))?.isEnabled, false);
    await plugins.enable('probe', { consent: hashOf(NARROW) });
    assert.deepEqual((await shown(started))?.consent, { isNeeded: false, hash: hashOf(NARROW) });
    assert.equal(await go(started), '1.0.0');
    // Again, as scripts do, asks nobody.
    await plugins.enable('probe');
    assert.equal((await started.host.tenantPlugins('globex').list())[0]?.isEnabled, false);
  });

  it('is not needed for what is trusted', async () => {
    const { host } = await start(source({ id: 'probe', permissions: WIDE }, undefined, { isTrusted: true }));
    await host.tenantPlugins('acme').enable('probe');
    assert.equal((await host.tenantPlugins('acme').list())[0]?.consent.isNeeded, false);
  });

  it('of a tenant is asked anew when a version asks for more, and calls wait for it', async () => {
    const started = await start(foreign('1.0.0', NARROW));
    const plugins = started.host.tenantPlugins('acme');
    await plugins.enable('probe', { consent: hashOf(NARROW) });
    found = [foreign('1.1.0', WIDE)];
    assert.deepEqual((await started.host.catalogue.reload()).changed, ['probe']);
    await assert.rejects(go(started), { code: 'PLUGIN_CONSENT_NEEDED' });
    assert.equal((await shown(started))?.consent.isNeeded, true);
    await plugins.enable('probe', { consent: hashOf(WIDE) });
    assert.equal(await go(started), '1.1.0');
    // Less, and then the same again, goes on.
    found = [foreign('1.2.0', NARROW)];
    await started.host.catalogue.reload();
    assert.equal(await go(started), '1.2.0');
    found = [foreign('1.3.0', WIDE)];
    await started.host.catalogue.reload();
    assert.equal(await go(started), '1.3.0');
  });

  it('to one plugin is none to those that it requires', async () => {
    const base = foreign('1.0.0', NARROW);
    const top = source({ id: 'top', requires: { plugins: { probe: '*' } }, permissions: {} }, undefined, { isTrusted: true });
    const { host } = await start(base, top);
    await assert.rejects(host.tenantPlugins('acme').enable('top'), (error: { code: string; details: JsonObject }) => {
      assert.equal(error.details['plugin'], 'probe');
      return error.code === 'PLUGIN_CONSENT_NEEDED';
    });
    assert.equal((await host.enabled('acme')).size, 0);
  });

  it('and settings are taken together or not at all', async () => {
    const config = { type: 'object', additionalProperties: false, properties: { size: { type: 'integer' } } };
    const manifest = { id: 'probe', permissions: NARROW, contributes, config };
    const started = await start(source(manifest));
    const plugins = started.host.tenantPlugins('acme');
    const consent = hashOf(NARROW);
    await assert.rejects(plugins.enable('probe', { consent, settings: { size: 'big' } }), { code: 'PLUGIN_SETTINGS_INVALID' });
    assert.equal((await shown(started))?.isEnabled, false);
    await plugins.enable('probe', { consent, settings: { size: 3 } });
    assert.deepEqual((await shown(started))?.settings, { size: 3 });
  });

  it('is to what the operator grants, which is all that it may do', async () => {
    const started = await start(foreign('1.0.0', WIDE, { grants: NARROW }));
    assert.deepEqual((await shown(started))?.permissions, NARROW);
    await started.host.tenantPlugins('acme').enable('probe', { consent: hashOf(NARROW) });
    const plugin = started.host.plugin('probe');
    assert.equal(plugin?.manifest.permissions?.money, undefined);
    // More granted later is more asked for.
    found = [foreign('1.0.0', WIDE, { grants: WIDE })];
    await started.host.catalogue.reload();
    await assert.rejects(go(started), { code: 'PLUGIN_CONSENT_NEEDED' });
  });

  it('gives a consumer only the events that the operator granted', async () => {
    const seen: string[] = [];
    const permissions = { events: { read: ['*'] } };
    const manifest = { id: 'probe', permissions, contributes: { consumers: { follow: { title: 'Follow', events: ['*'] } } } };
    const setup = (host: Host): void =>
      host.consumer('follow', async (events) => {
        seen.push(...events.map(({ name }) => name));
      });
    const { host } = await start(source(manifest, setup, { isTrusted: true, grants: { events: { read: ['Order *'] } } }));
    await host.tenantPlugins('acme').enable('probe');
    const event = (name: string): LoggedEvent => ({ id: name, position: 1, name, isTest: false, hops: 0 }) as LoggedEvent;
    await host.consumers()[0]?.handle('acme', [event('Order Paid'), event('Signed Up')], new AbortController().signal);
    assert.deepEqual(seen, ['Order Paid']);
  });

  it('does not let spend or send what the operator did not grant', async () => {
    const spend = { effect: 'spend', idempotency: 'key', spend: { amount: '/amount', currency: '/currency' } };
    const send = { effect: 'send', idempotency: 'key', send: { person: '/person', channel: 'email', address: '/traits/email' } };
    const permissions = { money: { currencies: ['EUR', 'USD'] }, channels: ['email'] };
    const manifest = { id: 'probe', permissions, contributes: { actions: { pay: anyAction(spend), mail: anyAction(send) } } };
    const grants = { money: { currencies: ['EUR'] } };
    const { host, action } = await start(source(manifest, undefined, { grants }));
    await host.tenantPlugins('acme').enable('probe', { consent: hashOf(grants) });
    const pay = (currency: string): Promise<unknown> => host.runAction('acme', action('probe.pay'), { amount: 1, currency }, RUN);
    await pay('EUR');
    await assert.rejects(pay('USD'), { code: 'PERMISSION_DENIED' });
    await assert.rejects(host.runAction('acme', action('probe.mail'), { person: 'u' }, RUN), { code: 'PERMISSION_DENIED' });
  });
});
