import assert from 'node:assert/strict';
import { cancelImport } from '../src/actions/cancel-import.ts';
import { createImport } from '../src/actions/create-import.ts';
import { finishImport } from '../src/actions/finish-import.ts';
import { importRefusals } from '../src/actions/import-refusals.ts';
import { importRows } from '../src/actions/import-rows.ts';
import { getImport } from '../src/actions/import.ts';
import { imports } from '../src/actions/imports.ts';
import { suggestMapping } from '../src/actions/suggest-mapping.ts';
import type { CreateImportInput, Settings } from '../src/gen/manifest.gen.ts';
import { createSourcesTenant } from './sources-tenant.ts';

const FAIR: CreateImportInput = {
  name: 'Fair',
  columns: ['E-Mail', 'Company', 'Employees', 'Newsletter'],
  mapping: { 'E-Mail': 'email', Company: 'company', Employees: 'companySize' },
  types: { Employees: 'number' },
  consent: { column: 'Newsletter', optIn: ['yes'], optOut: ['no'] },
};

function rowsFrom(first: number, count: number): string[][] {
  return Array.from({ length: count }, (_, place) => [`p${String(first + place)}@works.invalid`, 'Works', '12', '']);
}

async function begin(input: CreateImportInput = FAIR, settings: Settings = {}) {
  const tenant = createSourcesTenant(settings);
  const { id } = await tenant.run((call) => createImport(input, call));
  return {
    ...tenant,
    id,
    send: (first: number, rows: string[][]) => tenant.run((call) => importRows({ import: id, first, rows: rows as [string[]] }, call)),
    state: () => tenant.run((call) => getImport({ id }, call)),
  };
}

describe('leads.import_rows', () => {
  it('makes each row an identify call of its own id, with the same person for the same address', async () => {
    const { id, send, takenIn, state } = await begin();
    await send(1, [
      ['Ada@Works.invalid ', 'Works', '12', 'Yes'],
      ['ada@works.invalid', 'Works Ltd', '', 'perhaps'],
      ['ben@works.invalid', '', '3', 'no'],
    ]);
    const [ada, again, ben] = takenIn();
    assert.equal(ada?.['messageId'], `import-${id}-1`);
    assert.deepEqual(ada['traits'], { email: 'ada@works.invalid', company: 'Works', companySize: 12 });
    assert.deepEqual(ada['context'], { consent: { categoryPreferences: { marketing: true } }, source: 'import', import: { id, row: 1 } });
    assert.ok(again);
    assert.equal(again['anonymousId'], ada['anonymousId']);
    assert.equal((again['context'] as { consent?: object }).consent, undefined, 'a word that was not told says nothing');
    assert.deepEqual((ben?.['context'] as { consent?: object }).consent, { categoryPreferences: { marketing: false } });
    assert.notEqual(ben?.['anonymousId'], ada['anonymousId']);
    const { rows, duplicates, people, nextRow } = await state();
    assert.deepEqual(
      { rows, duplicates, people, nextRow },
      {
        rows: { seen: 3, accepted: 3, refused: 0 },
        duplicates: { inFile: 1, known: 0 },
        people: { new: 2, known: 0 },
        nextRow: 4,
      },
    );
  });

  it('refuses rows one by one with number, column and reason, and takes in the others', async () => {
    const { id, send, takenIn, run, state } = await begin({
      ...FAIR,
      columns: [...FAIR.columns, 'Phone', 'Since'],
      mapping: { ...FAIR.mapping, Phone: 'phone', Since: 'timestamp' },
    } as CreateImportInput);
    const answer = await send(5, [
      ['', 'Works', '1', '', '', ''],
      ['not an address', 'Works', '1', '', '', ''],
      ['a@works.invalid', 'Works', 'many', '', '', ''],
      ['a@works.invalid', 'Works'],
      ['', 'Works', '1', '', '+49', ''],
      ['a@works.invalid', 'Works', '1', '', '', 'yesterday'],
      ['a@works.invalid', 'Works', '1', '', '', '05.01.2026'],
      ['a@works.invalid', 'x'.repeat(5_000), '1', '', '', ''],
      ['', '', '', '', '+49 30 901820', '2020-01-02'],
    ]);
    assert.deepEqual(
      answer.refusals.map(({ row, column, code }) => [row, column, code]),
      [
        [5, undefined, 'no_identity'],
        [6, 'E-Mail', 'invalid_email'],
        [7, 'Employees', 'invalid_number'],
        [8, undefined, 'cell_count'],
        [9, 'Phone', 'invalid_phone'],
        [10, 'Since', 'invalid_time'],
        [11, 'Since', 'invalid_time'],
        [12, 'Company', 'too_long'],
      ],
    );
    assert.equal(takenIn().length, 1);
    assert.equal(takenIn()[0]?.['timestamp'], '2020-01-02T00:00:00.000Z');
    assert.deepEqual((takenIn()[0]?.['traits'] as { phone: string }).phone, '+4930901820');
    const { csv, items } = await run((call) => importRefusals({ import: id, format: 'csv' }, call));
    assert.equal(items.length, 8);
    assert.match(csv ?? '', /^row,column,code,message\r\n5,,no_identity,/);
    assert.equal((await state()).refusals['cell_count'], 1);
  });

  it('counts a row once however often it comes, whatever else came with it', async () => {
    const { send, takenIn, state } = await begin();
    await send(1, rowsFrom(1, 10));
    assert.deepEqual(await send(1, rowsFrom(1, 10)), { first: 1, rows: 10, accepted: 0, refused: 0, repeated: 10, refusals: [] });
    assert.equal((await send(6, rowsFrom(6, 10))).repeated, 5);
    await send(31, rowsFrom(31, 5));
    assert.equal((await state()).nextRow, 16);
    assert.equal((await send(11, rowsFrom(11, 30))).repeated, 10);
    const { rows, nextRow, duplicates } = await state();
    assert.deepEqual([rows.accepted, nextRow, duplicates.inFile], [40, 41, 0]);
    assert.equal(takenIn().length, 40);
  });

  it('loses nothing and takes nothing in twice when it dies between the log and its chunk', async () => {
    const { id, die, send, takenIn, state } = await begin();
    await send(1, rowsFrom(1, 3));
    await die((call) => importRows({ import: id, first: 4, rows: [...rowsFrom(4, 3), ['nobody', '', '', '']] as [string[]] }, call));
    assert.equal(takenIn().length, 6);
    assert.equal((await state()).nextRow, 4);
    await send(4, [...rowsFrom(4, 3), ['nobody', '', '', '']]);
    assert.equal(takenIn().length, 6);
    const { rows, people } = await state();
    assert.deepEqual(rows, { seen: 7, accepted: 6, refused: 1 });
    assert.deepEqual(people, { new: 6, known: 0 });
  });

  it('tells people who are a lead already from new ones', async () => {
    const { send, run, state } = await begin();
    await run(async (call) => call.changes.put('contacts', { contact: 'email:p2@works.invalid', lead: 'lead-x' }));
    await send(1, [...rowsFrom(1, 3), ...rowsFrom(2, 1)]);
    assert.deepEqual((await state()).people, { new: 2, known: 1 });
    assert.deepEqual((await state()).duplicates, { inFile: 1, known: 1 });
  });
});

describe('the life of an import', () => {
  it('ends with the same figures as it had, answers the same again, and takes no more rows', async () => {
    const { id, send, run, state, rows } = await begin();
    await send(1, rowsFrom(1, 5));
    await send(6, [['nobody', '', '', '']]);
    const before = await state();
    const finished = await run((call) => finishImport({ import: id }, call));
    assert.deepEqual({ ...finished, state: 'open', finishedAt: undefined }, { ...before, finishedAt: undefined });
    assert.deepEqual(await run((call) => finishImport({ import: id }, call)), finished);
    assert.deepEqual(await rows('import_chunks'), []);
    await assert.rejects(send(7, rowsFrom(7, 1)), { code: 'INPUT_INVALID' });
    await assert.rejects(
      run((call) => cancelImport({ import: id }, call)),
      { code: 'INPUT_INVALID' },
    );
    assert.equal((await run((call) => importRefusals({ import: id }, call))).items.length, 1);
    assert.equal((await run((call) => imports({}, call))).items[0]?.rows?.accepted, 5);
  });

  it('refuses a mapping that identifies nobody, or names columns that there are not', async () => {
    const tenant = createSourcesTenant();
    const refused = async (input: Partial<CreateImportInput>): Promise<void> =>
      assert.rejects(
        tenant.run((call) => createImport({ ...FAIR, ...input }, call)),
        { code: 'INPUT_INVALID' },
      );
    await refused({ mapping: { Company: 'company' } });
    await refused({ mapping: { Mail: 'email' } });
    await refused({ mapping: { 'E-Mail': 'email', Company: 'email' } });
    await refused({ consent: { column: 'Consent', optIn: ['yes'] } });
    await refused({ types: { Nothing: 'number' } });
  });
});

describe('leads.suggest_mapping', () => {
  it('understands columns by their names and cells', async () => {
    const tenant = createSourcesTenant();
    const columns: [string, ...string[]] = ['Kontakt', 'Vorname', 'PLZ', 'Anzahl Mitarbeiter', 'Newsletter', 'Lead Source', 'Mail 2'];
    const sample = [
      ['ada@works.invalid', 'Ada', '01067', '12', 'ja', 'Fair', 'x@works.invalid'],
      ['ben@works.invalid', 'Ben', '01069', '30', 'nein', 'Web', ''],
    ];
    const { mapping, types, consent } = await tenant.run((call) => suggestMapping({ columns, sample }, call));
    assert.deepEqual(mapping, {
      Kontakt: 'email',
      Vorname: 'firstName',
      PLZ: 'postalCode',
      'Anzahl Mitarbeiter': 'anzahlMitarbeiter',
      'Lead Source': 'leadSource',
      'Mail 2': 'mail2',
    });
    assert.deepEqual(types, { 'Anzahl Mitarbeiter': 'number' });
    assert.equal(consent?.column, 'Newsletter');
    assert.ok(consent.optIn?.includes('ja') && consent.optOut?.includes('nein'));
  });

  it('takes nobody for agreeing who only did not unsubscribe', async () => {
    const tenant = createSourcesTenant();
    const { consent } = await tenant.run((call) =>
      suggestMapping(
        {
          columns: ['Email', 'Unsubscribed'],
          sample: [
            ['a@x.invalid', 'no'],
            ['b@x.invalid', 'yes'],
          ],
        },
        call,
      ),
    );
    assert.equal(consent?.optIn, undefined);
    assert.ok(consent?.optOut?.includes('yes'));
  });

  it('knows the words for no also where the sample has none, and prefers the column that tells of refusals', async () => {
    const tenant = createSourcesTenant();
    const consentOf = async (columns: [string, ...string[]], cells: [string, ...string[]]) =>
      (await tenant.run((call) => suggestMapping({ columns, sample: [cells] }, call))).consent;
    const sorted = await consentOf(['Email', 'Newsletter'], ['a@x.invalid', 'yes']);
    assert.ok(sorted?.optOut?.includes('no'));
    const both = await consentOf(['Email', 'Consent', 'Unsubscribed'], ['a@x.invalid', 'yes', 'no']);
    assert.equal(both?.column, 'Unsubscribed');
    assert.ok(both.optOut?.includes('yes'));
    assert.equal(await consentOf(['Email', 'Consent'], ['a@x.invalid', 'perhaps']), undefined);
  });
});
