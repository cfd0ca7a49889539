import assert from 'node:assert/strict';
import type { PluginRoute } from '../../src/plugins/contributions.ts';
import { source, startHost } from './fixture.ts';
import type { HostFixture } from './fixture.ts';

const AT_ONCE = 256;

describe('routes of a plugin', () => {
  let fixture: HostFixture | undefined;
  afterEach(() => fixture?.host.stop());

  it('are open to one tenant while those of another are full', async () => {
    const open = Promise.withResolvers<void>();
    fixture = await startHost([
      source({ id: 'acme', contributes: { routes: { wait: { method: 'GET', path: '/wait', auth: 'none' } } } }, (host) =>
        host.route('wait', async (_, call) => {
          if (call.tenant.id === 'acme') await open.promise;
          return { body: 'done' };
        }),
      ),
    ]);
    const { routes } = fixture.host;
    const [route] = routes.list('acme');
    const ask = (tenantId: string): ReturnType<typeof routes.call> =>
      routes.call(tenantId, route as PluginRoute, { parameters: {}, query: {}, headers: {}, caller: 'c', isTest: false, requestId: 'r' });
    const waiting = Array.from({ length: AT_ONCE }, () => ask('acme'));
    await new Promise((resolve) => setImmediate(resolve));
    await assert.rejects(ask('acme'), { code: 'OVERLOADED' });
    assert.equal((await ask('globex')).body, 'done');
    open.resolve();
    assert.equal((await Promise.all(waiting)).length, AT_ONCE);
    assert.equal((await ask('acme')).status, 200);
  });
});
