import assert from 'node:assert/strict';
import { KEYS } from './fake-hub.ts';
import { lastAsked } from './fake-pipelines.ts';
import { serve } from './served.ts';

describe('the API of pipelines', () => {
  let served: Awaited<ReturnType<typeof serve>>;
  beforeEach(async () => void (served = await serve()));
  afterEach(() => served.close());

  const items = (json: Record<string, unknown>): readonly Record<string, unknown>[] => json['items'] as readonly Record<string, unknown>[];
  const last = (name: string): readonly unknown[] => lastAsked(served.hub.asked, name);
  const deploy = (environment = 'production') =>
    served.ask('POST', `/v1/pipelines?environment=${environment}`, { body: { source: 'pipeline: welcome\n' } });

  it('deploys into an environment, where alone it is then found', async () => {
    assert.equal((await deploy('staging')).json['environment'], 'staging');
    assert.equal((await served.ask('GET', '/v1/pipelines/welcome')).json['code'], 'PIPELINE_UNKNOWN');
    assert.equal((await served.ask('GET', '/v1/pipelines/welcome?environment=staging')).json['nextAt'], '2026-11-01T10:00:00.000Z');
    assert.deepEqual(items((await served.ask('GET', '/v1/pipelines?environment=production')).json), []);
    assert.equal(items((await served.ask('GET', '/v1/pipelines')).json).length, 1);
    assert.equal((await served.ask('GET', '/v1/pipelines?environment=moon')).json['code'], 'INPUT_INVALID');
    assert.equal((await served.ask('POST', '/v1/pipelines?environment=moon', { body: { source: 'x' } })).status, 422);
  });

  it('shows the address of a webhook to those who may change the pipeline only', async () => {
    await deploy();
    const pathFor = async (key: string) => (await served.ask('GET', '/v1/pipelines/welcome', { key })).json['webhookPath'];
    assert.equal(await pathFor(KEYS.deployer), '/hooks/acme/secret-address');
    assert.equal(await pathFor(KEYS.admin), '/hooks/acme/secret-address');
    assert.equal(await pathFor(KEYS.reader), undefined);
    assert.ok(!(await served.ask('GET', '/v1/pipelines', { key: KEYS.reader })).text.includes('secret-address'));
  });

  it('lists versions, goes back to one, promotes one, and takes one out of force', async () => {
    await deploy();
    await deploy();
    const [version] = items((await served.ask('GET', '/v1/pipelines/welcome/versions')).json);
    assert.deepEqual([version?.['version'], version?.['createdAt']], [2, '2026-11-01T10:00:00.000Z']);
    assert.equal((await served.ask('POST', '/v1/pipelines/welcome/rollback')).json['version'], 1);
    const back = await served.ask('POST', '/v1/pipelines/welcome/rollback?environment=staging', { body: { version: 2 } });
    assert.equal(back.json['version'], 2);
    assert.deepEqual(last('rollback'), ['welcome', { environment: 'staging', version: 2 }]);
    assert.equal((await served.ask('POST', '/v1/pipelines/welcome/rollback', { body: { version: 0 } })).status, 422);
    const promoted = await served.ask('POST', '/v1/pipelines/welcome/promote', { body: { from: 'staging', to: 'production' } });
    assert.equal(promoted.json['environment'], 'production');
    assert.equal((await served.ask('POST', '/v1/pipelines/welcome/promote', { body: { from: 'staging' } })).status, 422);
    assert.equal((await served.ask('DELETE', '/v1/pipelines/welcome?environment=production')).status, 204);
    assert.deepEqual(last('undeploy'), ['welcome', 'production']);
    for (const [method, path] of [
      ['GET', 'versions'],
      ['POST', 'rollback'],
      ['POST', 'webhook/rotate'],
    ] as const)
      assert.equal((await served.ask(method, `/v1/pipelines/welcome/${path}`)).json['code'], 'PIPELINE_UNKNOWN', path);
    assert.equal((await served.ask('DELETE', '/v1/pipelines/welcome')).json['code'], 'PIPELINE_UNKNOWN');
  });

  it('holds runs when it is told to', async () => {
    await deploy();
    assert.equal((await served.ask('POST', '/v1/pipelines/welcome/pause', { body: { holdRuns: true } })).json['isPaused'], true);
    assert.deepEqual(last('pause'), ['welcome', { holdRuns: true }]);
    assert.equal((await served.ask('POST', '/v1/pipelines/welcome/pause', { body: { holdRuns: 'yes' } })).status, 422);
  });

  it('starts one run by hand, once under a key', async () => {
    await deploy();
    const body = { input: { plan: 'pro' }, personId: 'p-1' };
    const headers = { 'idempotency-key': 'once', 'x-request-id': 'r-1' };
    const started = await served.ask('POST', '/v1/pipelines/welcome/runs', { key: KEYS.actor, body, headers });
    assert.deepEqual(started.json, { runId: 'run-1', isNew: false });
    assert.deepEqual(last('start'), ['welcome', { ...body, requestId: 'r-1', keyId: 'k7', idempotencyKey: 'once' }]);
    assert.equal((await served.ask('POST', '/v1/pipelines/welcome/runs')).json['isNew'], true);
    assert.equal((await served.ask('POST', '/v1/pipelines/welcome/runs', { body: { input: 1 } })).status, 422);
    await served.ask('POST', '/v1/pipelines/welcome/pause');
    assert.deepEqual((await served.ask('POST', '/v1/pipelines/welcome/runs')).json['code'], 'PIPELINE_PAUSED');
    assert.equal((await served.ask('POST', '/v1/pipelines/other/runs')).json['code'], 'PIPELINE_UNKNOWN');
  });

  it('changes the secret and the address of a webhook', async () => {
    await deploy();
    const answer = await served.ask('PUT', '/v1/pipelines/welcome/webhook/secret?environment=staging', { body: { secret: 'hush' } });
    assert.deepEqual([answer.status, answer.text], [204, '']);
    assert.deepEqual(last('setSecret'), ['welcome', 'hush', 'staging']);
    assert.equal((await served.ask('PUT', '/v1/pipelines/welcome/webhook/secret', { body: { secret: '' } })).status, 422);
    assert.ok(!JSON.stringify(served.logged).includes('hush'));
    assert.deepEqual((await served.ask('POST', '/v1/pipelines/welcome/webhook/rotate')).json, { webhookPath: '/hooks/acme/welcome-other' });
  });

  it('lets readers read, and nobody change without the scope', async () => {
    await deploy();
    const refused: readonly (readonly [method: string, path: string, body?: unknown])[] = [
      ['POST', 'pipelines', { source: 'x' }],
      ['DELETE', 'pipelines/welcome'],
      ['POST', 'pipelines/welcome/rollback'],
      ['POST', 'pipelines/welcome/promote', { from: 'staging', to: 'production' }],
      ['POST', 'pipelines/welcome/pause'],
      ['POST', 'pipelines/welcome/runs'],
      ['POST', 'pipelines/welcome/webhook/rotate'],
      ['PUT', 'pipelines/welcome/webhook/secret', { secret: 's' }],
      ['POST', 'pipelines/dry-run', { id: 'welcome' }],
      ['POST', 'pipelines/rehearse', { id: 'welcome', lastMs: 1 }],
      ['POST', 'pipelines/welcome/backfills', { from: '2026-11-01T10:00:00.000Z' }],
      ['POST', 'pipelines/newsletter/broadcasts'],
      ['POST', 'broadcasts/bc-1/pause'],
      ['POST', 'backfills/b-1/cancel'],
      ['POST', 'runs/run-1/cancel'],
      ['POST', 'runs/run-1/replay'],
      ['POST', 'runs/replay', { filter: { state: 'failed' } }],
      ['POST', 'approvals/run-1/0/approve'],
    ];
    for (const [method, path, body] of refused) {
      const { status, json } = await served.ask(method, `/v1/${path}`, { key: KEYS.reader, body });
      assert.deepEqual([status, json['code']], [403, 'KEY_SCOPE_MISSING'], `${method} ${path}`);
    }
    for (const path of ['pipelines', 'runs', 'approvals', 'broadcasts', 'backfills', 'pipelines/welcome/versions', 'events/m-1/why'])
      assert.equal((await served.ask('GET', `/v1/${path}`, { key: KEYS.reader })).status, 200, path);
  });
});
