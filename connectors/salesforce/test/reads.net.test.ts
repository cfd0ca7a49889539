import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describeLead } from '../src/actions/describe-lead.ts';
import { test } from '../src/actions/test.ts';
import { startSalesforceSandbox } from './sandbox-call.ts';
import type { SalesforceSandbox } from './sandbox-call.ts';

describe('salesforce.describe_lead and salesforce.test', function () {
  this.timeout(30_000);
  let sandbox: SalesforceSandbox;
  before(async () => {
    sandbox = await startSalesforceSandbox();
  });
  after(() => sandbox.close());

  it('give the writable fields as a schema that tells good from bad', async () => {
    const { schema, externalIdFields } = await describeLead({}, sandbox.call());
    assert.deepEqual(externalIdFields, ['Tendril_Id__c']);
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true, formats: { email: true, date: true, 'date-time': true } }).compile(
      schema,
    );
    assert.equal(validate({ Rating: 'Hot', Tendril_Probability__c: 0.5, City: null }), true);
    assert.equal(validate({ Rating: 'Boiling' }), false);
    assert.equal(validate({ CreatedDate: '2026-01-01T00:00:00Z' }), false, 'read-only fields are not offered');
    assert.equal(validate({ FirstName: 'x'.repeat(41) }), false);
    assert.equal(validate({ LastName: null }), false);
  });

  it('have no effect', async () => {
    const answer = await test({}, sandbox.call());
    assert.ok(answer.requestsPerDay >= answer.requestsLeft && answer.requestsLeft > 0);
    assert.equal((await sandbox.status()).effects, 0);
  });

  it('fail once, without trying again, when the service fails', async () => {
    await sandbox.reset();
    await sandbox.fault('unavailable', { count: 9 });
    await assert.rejects(describeLead({}, sandbox.call()), { code: 'UPSTREAM_UNAVAILABLE' });
    await assert.rejects(test({}, sandbox.call()), { code: 'UPSTREAM_UNAVAILABLE' });
    assert.equal((await sandbox.status()).requests, 2);
    await sandbox.reset();
  });
});
