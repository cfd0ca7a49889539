import assert from 'node:assert/strict';
import { searchPlugins, searchRows } from '@tendril/registry';
import type { SearchRow } from '@tendril/registry';
import type { RegistryEntry, RegistryIndexContent } from '@tendril/schemas';
import { nearWords } from '../../src/search/near-words.ts';

const row = (id: string, title: string, description: string, categories: readonly string[] = ['tools']): SearchRow => ({
  id,
  title,
  description,
  categories,
  publisher: `${id.split('_')[0] ?? id} inc`,
  version: '1.0.0',
  permissions: 1,
});

const rows = [
  row('mailer', 'Mailer', 'Sends letters.', ['email']),
  row('mailer_pro', 'Mailer Pro', 'Sends many letters.', ['email']),
  row('acme_crm', 'Acme CRM', 'Contacts and deals of Acme.', ['crm']),
  row('salesforce', 'Salesforce', 'Leads, contacts and opportunities.', ['crm', 'leads']),
  row('weather', 'Weather', 'Tells a mailer whether it rains.'),
  row('cafe', 'Café Olé', 'Réservations for tables.'),
];
const found = (query: string, options = {}): readonly string[] => searchPlugins(rows, query, options).map(({ id }) => id);

describe('the search for plugins', () => {
  it('ranks the id before its start, the title, and the description', () => {
    assert.deepEqual(found('mailer'), ['mailer', 'mailer_pro', 'weather']);
    assert.deepEqual(found('mail'), ['mailer', 'mailer_pro', 'weather']);
    assert.deepEqual(found('mailer_pro'), ['mailer_pro']);
    assert.deepEqual(found('crm'), ['acme_crm', 'salesforce']);
  });

  it('finds what has all the words, in any order and case, with and without accents', () => {
    assert.deepEqual(found('CONTACTS acme'), ['acme_crm']);
    assert.deepEqual(found('contacts rain'), []);
    assert.deepEqual(found('café reserva'), ['cafe']);
    assert.deepEqual(found('ole'), ['cafe']);
  });

  it('takes a word that is nowhere for the nearest ones', () => {
    assert.deepEqual(found('salesfroce'), ['salesforce']);
    assert.deepEqual(found('maler'), ['mailer', 'mailer_pro', 'weather']);
    assert.deepEqual(found('contcats acme'), ['acme_crm']);
    assert.deepEqual(found('xyz'), []);
    assert.deepEqual(found('qqqqqqqqqq'), []);
  });

  it('narrows to a category, and gives everything by id when nothing is asked', () => {
    assert.deepEqual(found('', { category: 'crm' }), ['acme_crm', 'salesforce']);
    assert.deepEqual(found('mailer', { category: 'email' }), ['mailer', 'mailer_pro']);
    assert.equal(found('').length, rows.length);
    assert.deepEqual(found('', { limit: 1 }), ['acme_crm']);
  });

  it('is not led astray by words that every object has', () => {
    assert.deepEqual(found('constructor'), []);
    assert.deepEqual(found('__proto__ (.*) \\'), []);
  });

  it('measures nearness by letters that were added, lost, changed or swapped', () => {
    assert.deepEqual(nearWords('crm', ['crn']), []);
    assert.deepEqual(nearWords('mail', ['mali', 'mall', 'mails', 'mai', 'nali', 'email']), ['mali', 'mall', 'mails', 'mai', 'email']);
    assert.deepEqual(nearWords('opportunity', ['oportunitty', 'opprtnty']), ['oportunitty']);
    assert.deepEqual(nearWords('opportunity', ['oportunitty', 'opportunitx']), ['opportunitx']);
  });
});

describe('the rows of an index', () => {
  const version = (text: string): unknown => ({ version: text, permissions: { hosts: ['a', 'b'], events: { read: ['*'] } } });
  const entry = (...versions: readonly string[]): RegistryEntry =>
    ({
      title: 'T',
      description: 'D',
      categories: [],
      publisher: { name: 'P' },
      versions: versions.map(version),
    }) as unknown as RegistryEntry;
  const content = (plugins: Record<string, RegistryEntry>, revocations: RegistryIndexContent['revocations'] = []): RegistryIndexContent =>
    ({ plugins, revocations }) as RegistryIndexContent;

  it('name the newest release, and a pre-release where there is no other', () => {
    const found = searchRows(content({ a: entry('1.0.0', '1.9.0', '1.10.0', '2.0.0-beta.1'), b: entry('1.0.0-alpha.1') }));
    assert.deepEqual(
      found.map(({ id, version: newest, permissions }) => [id, newest, permissions]),
      [
        ['a', '1.10.0', 3],
        ['b', '1.0.0-alpha.1', 3],
      ],
    );
  });

  it('leave out what is revoked', () => {
    const revocation = { id: 'a', versions: '>=1.1.0', reason: 'r', at: '2026-01-01T00:00:00.000Z' };
    assert.equal(searchRows(content({ a: entry('1.0.0', '1.1.0') }, [revocation]))[0]?.version, '1.0.0');
    assert.deepEqual(searchRows(content({ a: entry('1.0.0') }, [{ ...revocation, versions: '*' }])), []);
    // A range that nobody can read revokes everything rather than nothing.
    assert.deepEqual(searchRows(content({ a: entry('1.0.0') }, [{ ...revocation, versions: 'all of them' }])), []);
  });
});
