import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { ErrorCode } from '@tendril/plugin-api';
import { upsertLead } from '../src/actions/upsert-lead.ts';
import { startSalesforceSandbox } from './sandbox-call.ts';
import type { SalesforceSandbox } from './sandbox-call.ts';

const lead = { email: 'Ada@Example.invalid', lastName: 'Lovelace', company: 'Analytical Engines', rating: 'Hot' };

function failsWith(code: ErrorCode, details: object = {}) {
  return (error: unknown): true => {
    assert.ok(TendrilError.is(error), String(error));
    assert.equal(error.code, code);
    assert.deepEqual({ ...error.details, ...details }, error.details);
    assert.ok(
      !JSON.stringify([error.details, String(error.cause)])
        .toLowerCase()
        .includes('ada@'),
      'an error holds no personal value',
    );
    return true;
  };
}

describe('salesforce.upsert_lead', function () {
  this.timeout(30_000);
  let sandbox: SalesforceSandbox;
  before(async () => {
    sandbox = await startSalesforceSandbox();
  });
  beforeEach(() => sandbox.reset());
  after(() => sandbox.close());

  it('creates a lead under the e-mail address in lower case, with custom fields', async () => {
    const output = await upsertLead({ ...lead, fields: { Tendril_Probability__c: 0.83 } }, sandbox.call());
    assert.equal(output.created, true);
    assert.equal(output.externalId, 'ada@example.invalid');
    const [record] = await sandbox.records();
    assert.deepEqual(
      {
        id: record?.id,
        email: record?.fields['Email'],
        key: record?.fields['Tendril_Id__c'],
        probability: record?.fields['Tendril_Probability__c'],
      },
      { id: output.id, email: lead.email, key: 'ada@example.invalid', probability: 0.83 },
    );
  });

  it('has one effect however often the same call comes', async () => {
    const first = await upsertLead(lead, sandbox.call());
    const second = await upsertLead(lead, sandbox.call());
    assert.deepEqual(second, { ...first, created: false });
    const { effects, repeats, requests, doubled } = await sandbox.status();
    assert.deepEqual({ effects, repeats, requests, doubled }, { effects: 1, repeats: 1, requests: 2, doubled: 0 });
  });

  it('changes what is given and leaves the rest; null empties', async () => {
    await upsertLead({ ...lead, phone: '+1 555 0100', city: 'London' }, sandbox.call());
    const output = await upsertLead({ ...lead, rating: 'Warm', city: null }, sandbox.call());
    assert.equal(output.created, false);
    const [record] = await sandbox.records();
    assert.deepEqual([record?.fields['Rating'], record?.fields['Phone'], record?.fields['City']], ['Warm', '+1 555 0100', null]);
  });

  it('keeps an external id with path characters together', async () => {
    const externalId = 'a/b?c=d#e%2f é';
    await upsertLead({ ...lead, externalId }, sandbox.call());
    const [record] = await sandbox.records();
    assert.equal(record?.fields['Tendril_Id__c'], externalId);
  });

  it('makes one request an attempt', async () => {
    for (const kind of ['server_error', 'unavailable', 'throttle', 'drop_before', 'not_json'] as const) {
      await sandbox.reset();
      await sandbox.fault(kind, { count: 5 });
      await assert.rejects(upsertLead(lead, sandbox.call()));
      assert.equal((await sandbox.status()).requests, 1, kind);
    }
  });

  it('saves in spite of a duplicate rule only where the settings say so', async () => {
    await upsertLead(lead, sandbox.call());
    await assert.rejects(
      upsertLead({ ...lead, externalId: 'another' }, sandbox.call()),
      failsWith('UPSTREAM_REJECTED', { vendorCodes: ['DUPLICATES_DETECTED'] }),
    );
    const saved = await upsertLead({ ...lead, externalId: 'another' }, sandbox.call({ settings: { allowDuplicates: true } }));
    assert.equal(saved.created, true);
  });

  describe('names what the service refuses, without the values', () => {
    const refusals: readonly (readonly [string, Parameters<typeof upsertLead>[0], object])[] = [
      ['an unknown field', { ...lead, fields: { Shoe_Size__c: 38 } }, { vendorCodes: ['INVALID_FIELD'] }],
      [
        'a read-only field',
        { ...lead, fields: { CreatedDate: '2026-01-01' } },
        { vendorCodes: ['INVALID_FIELD_FOR_INSERT_UPDATE'], fields: ['CreatedDate'] },
      ],
      ['a bad e-mail address', { ...lead, email: 'ada@nowhere' }, { vendorCodes: ['INVALID_EMAIL_ADDRESS'], fields: ['Email'] }],
      ['a text that is too long', { ...lead, fields: { State: 'x'.repeat(81) } }, { vendorCodes: ['STRING_TOO_LONG'], fields: ['State'] }],
      [
        'a value outside a restricted picklist',
        { ...lead, rating: 'Boiling' },
        { vendorCodes: ['INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST'], fields: ['Rating'] },
      ],
      [
        'a blank required field',
        { ...lead, lastName: ' ', company: ' ' },
        { vendorCodes: ['REQUIRED_FIELD_MISSING'], fields: ['LastName', 'Company'] },
      ],
      ['a wrong type', { ...lead, fields: { NumberOfEmployees: 'many' } }, { vendorCodes: ['JSON_PARSER_ERROR'] }],
      [
        'several at once',
        { ...lead, rating: 'Boiling', email: 'ada@nowhere' },
        { vendorCodes: ['INVALID_EMAIL_ADDRESS', 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST'], fields: ['Email', 'Rating'] },
      ],
    ];
    for (const [name, input, details] of refusals) {
      it(name, async () => {
        await assert.rejects(upsertLead(input, sandbox.call()), failsWith('UPSTREAM_REJECTED', { status: 400, ...details }));
        assert.equal((await sandbox.status()).effects, 0);
      });
    }

    it('an external id field that the organization does not have', async () => {
      await assert.rejects(
        upsertLead(lead, sandbox.call({ settings: { externalIdField: 'Nope__c' } })),
        failsWith('UPSTREAM_REJECTED', { status: 404, vendorCodes: ['NOT_FOUND'] }),
      );
    });
  });

  it('refuses the external id among the fields, and input without any id', async () => {
    await assert.rejects(upsertLead({ ...lead, fields: { tendril_id__C: 'x' } }, sandbox.call()), failsWith('ACTION_INPUT_INVALID'));
    await assert.rejects(upsertLead({ lastName: 'L', company: 'C' }, sandbox.call()), failsWith('ACTION_INPUT_INVALID'));
    assert.equal((await sandbox.status()).requests, 0);
  });

  it('needs an instance URL', async () => {
    await assert.rejects(
      upsertLead(lead, sandbox.call({ values: { instanceUrl: '' } })),
      failsWith('CONNECTION_INVALID', { field: 'instanceUrl' }),
    );
  });
});
