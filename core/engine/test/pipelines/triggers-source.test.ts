import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject, PollAnswer, PollHandler, PushHandler } from '@tendril/plugin-api';
import type { FaultPoint, RunFaultPoint } from '../../src/pipelines/index.ts';
import { RUNS } from '../../src/pipelines/tables.ts';
import { createPluginHost, createSourceHost } from '../../src/plugins/index.ts';
import type { PluginHost, SourceHost } from '../../src/plugins/index.ts';
import { queryAll } from '../../src/tenants/index.ts';
import type { Connections } from '../../src/vault/index.ts';
import { source as plugin } from '../plugins/fixture.ts';
import { Crash, createRunWorld, TENANT } from './run-world.ts';
import type { Process, RunWorld } from './run-world.ts';

const MINUTE_MS = 60_000;

const SHOP = {
  id: 'shop',
  connections: {
    account: { title: 'Account', type: 'custom', schema: { type: 'object', properties: { secret: { type: 'string', writeOnly: true } } } },
  },
  permissions: { connections: ['account'] },
  contributes: {
    triggers: {
      new_order: {
        title: 'An order',
        kind: 'poll',
        every: '1m',
        primaryKey: '/id',
        connection: 'account',
        input: { type: 'object', properties: { status: { type: 'string' } } },
        output: { type: 'object', required: ['id'], properties: { id: { type: 'integer' }, total: { type: 'number' } } },
      },
      told: {
        title: 'An order, told',
        kind: 'push',
        webhook: 'orders',
        primaryKey: '/id',
        connection: 'account',
        output: { type: 'object' },
      },
    },
    webhooks: { orders: { title: 'Orders', verify: 'hmac_sha256', header: 'X-Shop-Signature', secret: 'secret' } },
  },
};

/** A shop that outlives the processes. */
class Shop {
  orders: number[] = [];
  pageSize = 100;
  failure: TendrilError | undefined;
  needsLogin = false;
  readonly inputs: JsonObject[] = [];

  readonly poll: PollHandler = async (input, call, cursor): Promise<PollAnswer> => {
    assert.equal(call.connection.values['secret'], 's3cret');
    this.inputs.push(input);
    if (this.failure !== undefined) throw this.failure;
    const start = Number(cursor ?? 0);
    const items = this.orders.slice(start, start + this.pageSize).map((id) => ({ id, total: id * 2 }));
    const end = start + items.length;
    return { items, cursor: end as Json, hasMore: end < this.orders.length };
  };

  readonly push: PushHandler = async ({ body, headers }) => {
    assert.equal(headers['x-shop-signature'], undefined);
    return (body as { readonly orders: readonly JsonObject[] }).orders;
  };
}

interface Selling {
  readonly world: RunWorld;
  readonly shop: Shop;
  boot(faultPoint?: FaultPoint): Promise<Process>;
}

function connectionsOf(shop: Shop): Connections {
  const record = {
    name: 'main',
    plugin: 'shop',
    kind: 'account',
    isSandbox: false,
    state: 'working',
    createdAt: 0,
    values: { secret: 's3cret' },
  } as const;
  return {
    list: async () => [record],
    find: async () => record,
    fresh: async () => {
      if (shop.needsLogin) throw new TendrilError('UPSTREAM_UNAUTHORIZED');
      return record;
    },
    needsLogin: async () => undefined,
  } as unknown as Connections;
}

async function sourceHostOf(world: RunWorld, shop: Shop): Promise<{ readonly host: PluginHost; readonly sourceHost: SourceHost }> {
  const { engine } = world;
  const host = createPluginHost({
    sources: [
      plugin(SHOP, (at) => {
        at.trigger('new_order', shop.poll);
        at.trigger('told', shop.push);
      }),
    ],
    tenants: engine.tenants,
    clock: engine.time,
    timers: engine.time,
    log: engine.log,
    callAction: async () => ({ output: null, changes: [] }),
  });
  await host.start();
  assert.deepEqual(host.catalogue.faults(), []);
  await engine.stores.state.defineTables(host.tables());
  await host.tenantPlugins(TENANT).enable('shop');
  return {
    host,
    sourceHost: createSourceHost({ triggers: host.triggers, connections: connectionsOf(shop), enabled: (id) => host.enabled(id) }),
  };
}

async function selling(): Promise<Selling> {
  const world = await createRunWorld();
  const shop = new Shop();
  const { host, sourceHost } = await sourceHostOf(world, shop);
  hosts.push(host);
  return { world, shop, boot: (faultPoint) => world.boot({}, { sourceHost, ...(faultPoint === undefined ? {} : { faultPoint }) }) };
}

const hosts: PluginHost[] = [];

function pipeline(trigger: string): string {
  return `pipeline: orders\nsettings: { status: { type: string, default: paid } }\ntrigger: { ${trigger} }\nsteps: [ { set: { done: true } } ]`;
}

async function orderIds({ world }: Pick<Selling, 'world'>): Promise<readonly number[]> {
  const rows = await queryAll(world.tenant.state, RUNS);
  return rows.map(({ value }) => Number((value['input'] as JsonObject)['id'])).toSorted((a, b) => a - b);
}

describe('a source of a plugin', () => {
  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.stop();
  });

  it('starts a run for each item once, and nothing for what was there before', async () => {
    const shopping = await selling();
    const { shop, world } = shopping;
    const process = await shopping.boot();
    shop.orders = [1, 2, 3];
    await process.pipelines.service(TENANT).deploy(pipeline('source: shop.new_order, with: { status: "${{ settings.status }}" }'));
    await world.engine.time.advance(MINUTE_MS);
    assert.deepEqual(await orderIds(shopping), []);
    // What a poll gives again does no harm.
    shop.orders = [1, 2, 3, 3, 4, 5];
    await world.engine.time.advance(2 * MINUTE_MS);
    assert.deepEqual(await orderIds(shopping), [4, 5]);
    assert.deepEqual(shop.inputs[0], { status: 'paid' });
    const info = await process.pipelines.service(TENANT).get('orders');
    assert.ok((info?.nextAt ?? 0) > world.engine.time.now());
  });

  it('takes what is there too when it is told to, page by page, and no oftener than the plugin says', async () => {
    const shopping = await selling();
    const { shop, world } = shopping;
    shop.orders = Array.from({ length: 25 }, (_, index) => index + 1);
    shop.pageSize = 10;
    const process = await shopping.boot();
    await process.pipelines.service(TENANT).deploy(pipeline('source: shop.new_order, existing: true, every: 1s'));
    await world.engine.time.advance(10_000);
    assert.equal((await orderIds(shopping)).length, 25);
    assert.equal(shop.inputs.length, 3);
    await world.engine.time.advance(2 * MINUTE_MS);
    assert.equal(shop.inputs.length, 5);
  });

  it('loses and doubles nothing when the process dies at any line, nor by two schedulers', async function () {
    this.timeout(60_000);
    for (const point of ['source.before-changes', 'source.after-changes'] as readonly RunFaultPoint[]) {
      for (const count of [1, 2, 3]) {
        const shopping = await selling();
        shopping.shop.orders = Array.from({ length: 25 }, (_, index) => index + 1);
        shopping.shop.pageSize = 10;
        let seen = 0;
        const process = await shopping.boot((name) => {
          if (name === point) seen += 1;
          if (name === point && seen === count) throw new Crash(name);
        });
        await process.pipelines.service(TENANT).deploy(pipeline('source: shop.new_order, existing: true'));
        await shopping.world.engine.time.advance(5_000);
        await shopping.boot();
        await shopping.boot();
        await shopping.world.engine.time.advance(3 * MINUTE_MS);
        assert.equal((await orderIds(shopping)).length, 25, `${point} ${String(count)}`);
      }
    }
  });

  it('shows why it fails and is asked ever more slowly', async () => {
    const shopping = await selling();
    const { shop, world } = shopping;
    const process = await shopping.boot();
    await process.pipelines.service(TENANT).deploy(pipeline('source: shop.new_order, existing: true'));
    shop.orders = [1];
    shop.failure = new TendrilError('UPSTREAM_UNAVAILABLE');
    await world.engine.time.advance(30 * MINUTE_MS);
    assert.ok(shop.inputs.length < 30);
    const info = await process.pipelines.service(TENANT).get('orders');
    assert.equal(info?.triggerError?.['code'], 'UPSTREAM_UNAVAILABLE');
    shop.failure = undefined;
    await world.engine.time.until(async () => (await orderIds(shopping)).length === 1, 10_000);
    assert.equal((await process.pipelines.service(TENANT).get('orders'))?.triggerError, undefined);
  });

  it('waits for a new login, and goes on with it', async () => {
    const shopping = await selling();
    const { shop, world } = shopping;
    shop.orders = [1];
    shop.needsLogin = true;
    const process = await shopping.boot();
    await process.pipelines.service(TENANT).deploy(pipeline('source: shop.new_order, existing: true, connection: main'));
    await world.engine.time.advance(10 * MINUTE_MS);
    const info = await process.pipelines.service(TENANT).get('orders');
    assert.deepEqual([info?.nextAt, info?.triggerError?.['code']], [undefined, 'UPSTREAM_UNAUTHORIZED']);
    shop.needsLogin = false;
    await process.pipelines.wakeBlocked(TENANT, { plugin: 'shop', name: 'main' });
    await world.engine.time.advance(5_000);
    assert.deepEqual(await orderIds(shopping), [1]);
  });

  it('refuses items that are not as the manifest says', async () => {
    const shopping = await selling();
    shopping.shop.orders = ['x' as unknown as number];
    const process = await shopping.boot();
    await process.pipelines.service(TENANT).deploy(pipeline('source: shop.new_order, existing: true'));
    await shopping.world.engine.time.advance(2_000);
    assert.equal((await process.pipelines.service(TENANT).get('orders'))?.triggerError?.['code'], 'PLUGIN_FAULTY');
    assert.deepEqual(await orderIds(shopping), []);
  });

  it('stands still while the pipeline is paused, and goes on where it stood', async () => {
    const shopping = await selling();
    const { shop, world } = shopping;
    const process = await shopping.boot();
    const service = process.pipelines.service(TENANT);
    await service.deploy(pipeline('source: shop.new_order'));
    await world.engine.time.advance(2_000);
    await service.pause('orders');
    shop.orders = [1, 2];
    await world.engine.time.advance(3 * MINUTE_MS);
    assert.deepEqual(await orderIds(shopping), []);
    await service.resume('orders');
    await world.engine.time.advance(2_000);
    assert.deepEqual(await orderIds(shopping), [1, 2]);
    await service.undeploy('orders');
    shop.orders = [1, 2, 3];
    await world.engine.time.advance(3 * MINUTE_MS);
    assert.deepEqual(await orderIds(shopping), [1, 2]);
  });

  it('goes on where it stood when its plugin was not there for a while', async () => {
    const world = await createRunWorld();
    const shop = new Shop();
    const { host, sourceHost } = await sourceHostOf(world, shop);
    hosts.push(host);
    const first = await world.boot({}, { sourceHost });
    await first.pipelines.service(TENANT).deploy(pipeline('source: shop.new_order, connection: main'));
    await world.engine.time.advance(2 * MINUTE_MS);
    const stopped = first.worker.stop(0);
    await world.engine.time.advance(10_000);
    await stopped;
    shop.orders = [7];
    const without = await world.boot({}, { sourceHost: { ...sourceHost, find: () => undefined } });
    await world.engine.time.advance(5 * MINUTE_MS);
    await without.pipelines.service(TENANT).pause('orders');
    await without.pipelines.service(TENANT).resume('orders');
    assert.deepEqual(await orderIds({ world }), []);
    const stoppedToo = without.worker.stop(0);
    await world.engine.time.advance(10_000);
    await stoppedToo;
    await world.boot({}, { sourceHost });
    await world.engine.time.advance(2 * MINUTE_MS);
    assert.deepEqual(await orderIds({ world }), [7]);
  });

  it('that is told takes deliveries at the address of the pipeline, after the proof that its webhook declares', async () => {
    const shopping = await selling();
    const process = await shopping.boot();
    const { webhookPath = '' } = await process.pipelines.service(TENANT).deploy(pipeline('source: shop.told'));
    const body = JSON.stringify({ orders: [{ id: 1 }, { id: 2 }] });
    const send = (secret: string): Promise<unknown> =>
      process.pipelines.triggers.webhooks.receive({
        path: webhookPath,
        headers: { 'content-type': 'application/json', 'x-shop-signature': createHmac('sha256', secret).update(body).digest('hex') },
        query: {},
        rawBody: Buffer.from(body),
        receivedAt: 0,
        requestId: 'r1',
      });
    await assert.rejects(send('other'), (error) => TendrilError.is(error) && error.code === 'WEBHOOK_UNVERIFIED');
    await send('s3cret');
    await Promise.all([send('s3cret'), send('s3cret')]);
    assert.deepEqual(await orderIds(shopping), [1, 2]);
  });

  it('has to be registered when it is declared, and declared when it is registered', async () => {
    const world = await createRunWorld();
    const { engine } = world;
    for (const setup of [
      () => undefined,
      (at: { trigger(id: string, handler: PollHandler): void }) => {
        for (const id of ['new_order', 'told', 'more']) at.trigger(id, async () => ({ items: [] }));
      },
    ]) {
      const host = createPluginHost({
        sources: [plugin(SHOP, setup as never)],
        tenants: engine.tenants,
        clock: engine.time,
        timers: engine.time,
        log: engine.log,
        callAction: async () => ({ output: null, changes: [] }),
      });
      hosts.push(host);
      await host.start();
      assert.deepEqual(
        host.catalogue.faults().map(({ code }) => code),
        ['PLUGIN_IMPLEMENTATION_MISMATCH'],
      );
    }
  });
});
