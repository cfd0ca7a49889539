import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { listProperties } from '../src/actions/list-properties.ts';
import { test } from '../src/actions/test.ts';
import { startHubSpotSandbox } from './sandbox-call.ts';
import type { HubSpotSandbox } from './sandbox-call.ts';

describe('hubspot.list_properties and hubspot.test', function () {
  this.timeout(30_000);
  let sandbox: HubSpotSandbox;
  before(async () => {
    sandbox = await startHubSpotSandbox();
  });
  after(() => sandbox.close());

  it('give the writable properties as a schema that tells good from bad', async () => {
    const { schema } = await listProperties({}, sandbox.call());
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
    assert.equal(validate({ lifecyclestage: 'lead', tendril_probability: 0.5, tendril_opted_in: true, city: null }), true);
    assert.equal(validate({ lifecyclestage: 'fan' }), false);
    assert.equal(validate({ hs_object_id: 1 }), false, 'read-only properties are not offered');
  });

  it('test the connection without an effect, and fail where the account is gone', async () => {
    assert.deepEqual(await test({}, sandbox.call()), { isReadable: true });
    await sandbox.fault('unauthorized');
    await assert.rejects(test({}, sandbox.call()), { code: 'UPSTREAM_UNAUTHORIZED' });
    assert.equal((await sandbox.status()).effects, 0);
  });
});
