import assert from 'node:assert/strict';
import type { Deployed } from '../../src/pipelines/deployments.ts';
import { WebhookAddresses } from '../../src/pipelines/triggers/webhook-addresses.ts';
import { createRunWorld, TENANT } from './run-world.ts';

describe('addresses of webhooks', () => {
  for (const what of ['address', 'secret'] as const)
    it(`forget the ${what} that is replaced while they are looked for`, async () => {
      const world = await createRunWorld();
      const { tenants, time, random } = world.engine;
      const deployed = {
        record: { id: 'hook', environment: 'production' },
        compiled: { trigger: { kind: 'webhook' } },
      } as unknown as Deployed;
      let meanwhile = (): Promise<unknown> => Promise.resolve();
      const deployments = {
        find: async () => {
          await meanwhile();
          return deployed;
        },
      };
      const addresses = new WebhookAddresses({
        tenants,
        deployments: deployments as never,
        clock: time,
        random,
        needsAddress: () => true,
      });
      const changes = await addresses.deployChanges(deployed.record, deployed.compiled, { tenantId: TENANT } as never);
      await world.tenant.state.commit(changes);
      const path = (await addresses.pathOf(TENANT, 'hook', 'production')) ?? '';
      meanwhile = async () => {
        meanwhile = () => Promise.resolve();
        await (what === 'address'
          ? addresses.rotate(TENANT, 'hook', 'production')
          : addresses.setSecret(TENANT, 'hook', 'production', 'new secret'));
      };
      if (what === 'secret') assert.equal((await addresses.locate(path)).row.secret, 'new secret');
      else for (let i = 0; i < 2; i += 1) await assert.rejects(addresses.locate(path), { code: 'NOT_FOUND' });
    });
});
