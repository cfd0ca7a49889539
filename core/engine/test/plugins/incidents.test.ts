import assert from 'node:assert/strict';
import type { JsonObject, LoggedEvent } from '@tendril/plugin-api';
import type { JobHandler, JobWorker } from '../../src/jobs/index.ts';
import { FakeIsolation } from './fake-isolation.ts';
import { anyAction, RUN, source, startHost } from './fixture.ts';
import type { HostFixture } from './fixture.ts';

const probe = source({
  id: 'probe',
  permissions: { events: { read: ['*'] } },
  contributes: {
    actions: { go: anyAction() },
    consumers: { follow: { title: 'Follow', events: ['*'] } },
    schedules: { tidy: { title: 'Tidy', every: '1h' } },
  },
});

describe('the budget of incidents', () => {
  let fixture: HostFixture | undefined;
  let isolation = new FakeIsolation();
  afterEach(async () => {
    await fixture?.host.stop();
    fixture = undefined;
  });
  async function start(): Promise<HostFixture> {
    isolation = new FakeIsolation();
    return (fixture = await startHost([probe], { isolation, incidentBudget: { incidents: 3, windowMs: 600_000 } }));
  }
  const go = ({ host, action }: HostFixture, tenant = 'acme'): Promise<unknown> => host.runAction(tenant, action('probe.go'), {}, RUN);
  const report = (tenantId = 'acme'): void => {
    isolation.report({ plugin: 'probe', tenantId, kind: 'crashed', reason: 'its process ended with code 1' });
  };
  const health = async ({ host }: HostFixture, tenant = 'acme') => (await host.tenantPlugins(tenant).list())[0]?.health;
  const stopped = async (started: HostFixture): Promise<void> => {
    for (let at = 0; at < 3; at += 1) report();
    while ((await health(started))?.state !== 'stopped') await new Promise((resolve) => setImmediate(resolve));
  };

  it('stops a plugin for the tenant that it failed, durably, and says so', async () => {
    const started = await start();
    await go(started);
    await stopped(started);
    await assert.rejects(go(started), (error: { code: string; details: JsonObject }) => {
      assert.equal(error.details['isWithoutEffect'], true);
      return error.code === 'PLUGIN_STOPPED';
    });
    await go(started, 'globex');
    assert.deepEqual(await health(started), {
      state: 'stopped',
      incidents: 3,
      reason: '3 incidents in 10 minutes, the last: its process ended with code 1',
    });
    assert.deepEqual(
      started.host.alerts().map(({ plugin, tenantId, state }) => `${plugin} ${tenantId} ${state}`),
      ['probe acme stopped'],
    );
    assert.ok(started.log.lines.some(({ level, message }) => level === 'error' && message.includes('was stopped for a tenant')));
    // Another process over the same stores knows it too.
    await started.host.stop();
    fixture = await startHost([probe], { isolation: new FakeIsolation(), enable: false, after: started });
    await assert.rejects(go(fixture), { code: 'PLUGIN_STOPPED' });
  });

  it('forgives what was long ago, and counts what comes at once', async () => {
    const started = await start();
    const count = async (expected: number): Promise<void> => {
      while ((await health(started))?.incidents !== expected) await new Promise((resolve) => setImmediate(resolve));
    };
    report();
    report();
    await count(2);
    started.clock.advance(600_000);
    report();
    await count(1);
    await go(started);
    report();
    report();
    while ((await health(started))?.state !== 'stopped') await new Promise((resolve) => setImmediate(resolve));
  });

  it('is full again after a resume', async () => {
    const started = await start();
    await stopped(started);
    const plugins = started.host.tenantPlugins('acme');
    await plugins.resume('probe');
    await go(started);
    assert.deepEqual(await health(started), { state: 'ok', incidents: 0 });
    await plugins.resume('probe');
    await assert.rejects(plugins.resume('nobody'), { code: 'PLUGIN_UNKNOWN' });
  });

  it('holds up its consumers without losing an event, and its schedules until it goes on', async () => {
    const started = await start();
    const handlers = new Map<string, JobHandler>();
    await started.host.startSchedules({
      register: (kind: string, given: JobHandler) => void handlers.set(kind, given),
    } as unknown as JobWorker);
    await stopped(started);
    const [consumer] = started.host.consumers();
    assert.equal(await consumer?.isEnabled('acme'), false);
    assert.equal(await consumer?.isEnabled('globex'), true);
    const event = {
      id: 'e',
      position: 1,
      kind: 'track',
      name: 'Ordered',
      isTest: false,
      hops: 0,
      properties: {},
    } as unknown as LoggedEvent;
    await assert.rejects(async () => consumer?.handle('acme', [event], new AbortController().signal), { code: 'PLUGIN_STOPPED' });
    const runDue = async (): Promise<number> => {
      const claims = await started.tenants.jobs.claimDue('w', { limit: 10, leaseMs: 1_000, kinds: ['plugins.schedule'] });
      for (const claim of claims)
        await handlers.get(claim.kind)?.({ claim, signal: new AbortController().signal, onNudge: () => () => undefined });
      return claims.filter(({ tenantId }) => tenantId === 'acme').length;
    };
    const ran: string[] = [];
    isolation.behaviour = async ({ id }) => void ran.push(id);
    started.clock.advance(3_600_000);
    assert.equal(await runDue(), 1);
    started.clock.advance(3_600_000);
    assert.equal(await runDue(), 0);
    await started.host.tenantPlugins('acme').resume('probe');
    ran.length = 0;
    started.clock.advance(3_600_000);
    assert.equal(await runDue(), 1);
    assert.ok(ran.includes('tidy'));
  });
});
