import assert from 'node:assert/strict';
import type { RunWorld } from './run-world.ts';
import { createRunWorld, TENANT } from './run-world.ts';
import { recordingLog } from '../support/world.ts';
import { Deployments } from '../../src/pipelines/deployments.ts';
import { createPipelineService } from '../../src/pipelines/pipeline-service.ts';
import type { DeployChanges } from '../../src/pipelines/pipeline-service.ts';
import type { PipelineService } from '../../src/hub.ts';
import type { Change, TableSpec } from '../../src/ports.ts';
import type { TenantOpener } from '../../src/tenants/contract.ts';

const source = (n: number, trigger = '{ event: A }', step = '{ stop: {} }'): string =>
  `pipeline: a\ntrigger: ${trigger}\nsettings: { n: { type: integer, default: ${String(n)}, maximum: 9 } }\nsteps: [${step}]`;

const MARKS: TableSpec = { name: '_test.marks', key: 'id', indexes: {}, personal: [] };

interface Room {
  readonly world: RunWorld;
  readonly service: PipelineService;
  readonly deployments: Deployments;
}

async function room(options: { readonly deployChanges?: DeployChanges; readonly failing?: () => boolean } = {}): Promise<Room> {
  const world = await createRunWorld();
  await world.engine.stores.state.defineTables([MARKS]);
  const tenants: TenantOpener = {
    ids: () => world.engine.tenants.ids(),
    open: async (tenantId) => {
      const tenant = await world.engine.tenants.open(tenantId);
      const commit = async (changes: readonly Change[]): ReturnType<typeof tenant.state.commit> => {
        if (options.failing?.() === true) throw new Error('died');
        return tenant.state.commit(changes);
      };
      return { ...tenant, state: { ...tenant.state, commit } };
    },
  };
  const deployments = new Deployments(tenants, recordingLog());
  const service = createPipelineService(TENANT, {
    tenants,
    clock: world.engine.time,
    environment: () => ({ findAction: async () => undefined, actionNames: () => [], connections: async () => undefined }),
    load: deployments.load,
    start: () => async () => ({ runId: 'r', isNew: true }),
    ...(options.deployChanges === undefined ? {} : { deployChanges: options.deployChanges }),
  });
  return { world, service, deployments };
}

describe('environments of pipelines', () => {
  it('have versions of their own in force, of one count', async () => {
    const { service, deployments } = await room();
    await service.deploy(source(1), { environment: 'development' });
    assert.equal(await service.get('a'), undefined);
    assert.deepEqual(await service.list(), []);
    await service.deploy(source(2), { environment: 'staging' });
    await service.configure('a', { n: 7 }, 'staging');
    const promoted = await service.promote('a', 'staging', 'production');
    assert.deepEqual([promoted.version, promoted.environment, promoted.settings], [2, 'production', { n: 2 }]);
    await service.deploy(source(3), { environment: 'development' });
    assert.deepEqual(
      (await service.versions('a')).map(({ version, environments }) => [version, environments]),
      [
        [3, ['development']],
        [2, ['staging', 'production']],
        [1, []],
      ],
    );
    assert.equal((await service.get('a', 'staging'))?.settings['n'], 7);
    assert.equal((await deployments.find(TENANT, 'a', 'development'))?.record.version, 3);
    assert.equal((await deployments.byEvent(TENANT)).get('A')?.length, 3);
    await service.pause('a', { environment: 'staging', holdRuns: true });
    assert.deepEqual(
      (await deployments.byEvent(TENANT)).get('A')?.map(({ record }) => record.environment),
      ['production', 'development'],
    );
    const paused = await deployments.find(TENANT, 'a', 'staging');
    assert.deepEqual([paused?.record.isPaused, paused?.record.holdsRuns], [true, true]);
    assert.equal((await service.get('a', 'staging'))?.holdsRuns, true);
    await service.resume('a', 'staging');
    assert.equal((await service.get('a', 'staging'))?.holdsRuns, undefined);
    assert.equal((await deployments.find(TENANT, 'a', 'staging'))?.record.holdsRuns, false);
  });

  it('tell what an event starts: live ones what is in production, those of test apps what is anywhere', async () => {
    const { service, deployments } = await room();
    const started = (event: string, isTest = false) => deployments.startedBy(TENANT, event, isTest);
    await service.deploy(source(1), { environment: 'development' });
    assert.deepEqual([await started('A'), await started('A', true)], [[], [{ id: 'a', isPaused: false }]]);
    await service.deploy(source(1), { whenNew: { isPaused: true } });
    assert.deepEqual([await started('A'), await started('A', true)], [[{ id: 'a', isPaused: true }], [{ id: 'a', isPaused: false }]]);
    await service.resume('a');
    assert.deepEqual([await started('A'), await started('B')], [[{ id: 'a', isPaused: false }], []]);
  });

  it('go back to the version before, and further back', async () => {
    const { service, deployments } = await room();
    for (const n of [1, 2, 3]) await service.deploy(source(n));
    await service.deploy(source(4), { environment: 'development' });
    assert.equal((await service.rollback('a')).version, 2);
    assert.equal((await service.rollback('a')).version, 1);
    await assert.rejects(service.rollback('a'), { code: 'PIPELINE_UNKNOWN' });
    assert.equal((await service.rollback('a', { version: 3 })).version, 3);
    assert.equal((await deployments.find(TENANT, 'a', 'production'))?.settings['n'], 3);
    assert.equal((await service.rollback('a')).version, 1);
    await assert.rejects(service.rollback('a', { version: 99 }), { code: 'PIPELINE_UNKNOWN' });
    const next = await service.deploy(source(5));
    assert.equal(next.version, 5, 'numbers are not given twice');
  });

  it('are left without losing versions or names that are waited for', async () => {
    const { service, deployments } = await room();
    await service.deploy(source(1, '{ segment: VIP }', '{ wait: { event: Email Opened } }'));
    assert.deepEqual([...(await deployments.byEvent(TENANT)).keys()], ['tendril.segment.entered']);
    await service.undeploy('a');
    assert.equal((await deployments.byEvent(TENANT)).size, 0);
    assert.deepEqual([...(await deployments.awaitedEvents(TENANT))], ['Email Opened']);
    await assert.rejects(service.undeploy('a'), { code: 'PIPELINE_UNKNOWN' });
    await assert.rejects(service.promote('a', 'production', 'staging'), { code: 'PIPELINE_UNKNOWN' });
    assert.equal((await service.versions('a')).length, 1);
    assert.equal((await service.deploy(source(1, '{ segment: VIP }', '{ wait: { event: Email Opened } }'))).version, 1);
  });

  it('change in one commit with what other rooms add, or not at all', async () => {
    let isFailing = false;
    const { world, service, deployments } = await room({
      deployChanges: (record, compiled) => [
        { op: 'put', table: MARKS, value: { id: record.id, version: record.version, isGone: compiled === undefined } },
      ],
      failing: () => isFailing,
    });
    const mark = async (): Promise<unknown> => (await world.tenant.state.get(MARKS, ['a']))[0]?.value;
    isFailing = true;
    await assert.rejects(service.deploy(source(1)), /died/);
    assert.deepEqual([await mark(), await service.get('a'), (await deployments.byEvent(TENANT)).size], [undefined, undefined, 0]);
    await assert.rejects(service.versions('a'), { code: 'PIPELINE_UNKNOWN' });
    isFailing = false;
    await service.deploy(source(1));
    assert.deepEqual(await mark(), { id: 'a', version: 1, isGone: false });
    await service.undeploy('a');
    assert.deepEqual(await mark(), { id: 'a', version: 1, isGone: true });
  });

  it('read what the first release has written', async () => {
    const { world, service } = await room();
    await service.deploy(source(1));
    const table: TableSpec = { name: '_pipelines.deployed', key: 'id', indexes: {}, personal: [] };
    await world.tenant.state.commit([
      { op: 'put', table, value: { id: 'a', version: 1, isPaused: false, settings: { n: 5 }, deployedAt: 0 } },
    ]);
    const info = await service.get('a');
    assert.deepEqual([info?.environment, info?.settings], ['production', { n: 5 }]);
    assert.equal((await service.deploy(source(2))).settings['n'], 5);
  });
});
