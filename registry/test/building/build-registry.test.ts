import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TendrilError } from '@tendril/plugin-api';
import { addedPermissions, buildIndex, createSigningKey, sequenceOf, writeRegistry } from '@tendril/registry';
import { validateRegistryIndex } from '@tendril/schemas';
import { DAY_MS, NOW, sampleFolder, sampleIndex, sampleKeys, sampleRoot } from '../support/sample-registry.ts';
import type { SampleFolder } from '../support/sample-registry.ts';

describe('a registry that is built', () => {
  const keys = sampleKeys();
  const root = sampleRoot(keys);
  let folder: SampleFolder;
  let out: string;

  before(async () => {
    folder = await sampleFolder();
    out = await mkdtemp(join(tmpdir(), 'tendril-registry-out-'));
    await folder.publish({}, keys.author);
    await folder.publish({ version: '1.1.0' }, keys.author);
    await folder.write('1.root.json', JSON.stringify(root));
    const { $schema: _schema, ...entry } = { ...(await folder.readEntry('acme_crm')) };
    await folder.writeEntry('acme_crm', { $schema: '../../schema.json', ...entry });
  });
  after(async () => {
    await folder.remove();
    await rm(out, { recursive: true, force: true });
  });

  const plan = { createdAt: NOW, expiresAt: new Date(NOW.getTime() + DAY_MS) };

  it('holds packages, roots and a signed index, and nothing half written', async () => {
    const checked = await folder.check();
    assert.deepEqual(checked.faults, []);
    const index = buildIndex({ checked, keys: [keys.index], ...plan });
    assert.ok(validateRegistryIndex(index), JSON.stringify(validateRegistryIndex.errors));
    assert.equal(index.signed.plugins['acme_crm']?.$schema, undefined);
    await writeRegistry(folder.path, out, index, checked.roots);
    assert.deepEqual((await readdir(out)).toSorted(), ['1.root.json', 'index.json', 'plugins', 'root.json']);
    assert.deepEqual((await readdir(join(out, 'plugins/acme_crm'))).toSorted(), ['acme_crm-1.0.0.tgz', 'acme_crm-1.1.0.tgz']);
    assert.equal(sequenceOf(await readFile(join(out, 'index.json'))), index.signed.sequence);
    assert.equal(await readFile(join(out, 'root.json'), 'utf8'), await readFile(join(out, '1.root.json'), 'utf8'));
  });

  it('is what later submissions are compared with', async () => {
    assert.deepEqual((await folder.check(out)).faults, []);
    const entry = await folder.readEntry('acme_crm');
    await folder.writeEntry('acme_crm', { ...entry, versions: entry.versions.slice(1) });
    const { faults } = await folder.check(out);
    assert.ok(faults.some(({ message }) => message.startsWith('1.0.0 was removed')));
    await folder.writeEntry('acme_crm', entry);
  });

  it('counts on from the index before it, also on a machine whose clock is behind', () => {
    assert.equal(sampleIndex({ root, keys: [keys.index] }).signed.sequence, NOW.getTime() / 1000);
    assert.equal(sampleIndex({ root, keys: [keys.index], previousSequence: 9_999_999_999 }).signed.sequence, 10_000_000_000);
    assert.equal(sequenceOf(Buffer.from('no index')), undefined);
  });

  it('is not signed by keys that clients would refuse, nor without a root', async () => {
    const checked = await folder.check();
    const code = (expected: string) => (error: unknown) => TendrilError.is(error) && error.code === expected;
    assert.throws(() => buildIndex({ checked, keys: [createSigningKey().key], ...plan }), code('REGISTRY_UNTRUSTED'));
    assert.throws(() => buildIndex({ checked, keys: [], ...plan }), code('INPUT_INVALID'));
    assert.throws(() => buildIndex({ checked: { ...checked, roots: [] }, keys: [keys.index], ...plan }), code('INPUT_INVALID'));
  });
});

describe('permissions that are added', () => {
  it('are those that the ones before do not cover', () => {
    const before = { hosts: ['*.acme.com', 'x.example'], events: { read: ['Order *'], write: [] }, money: { currencies: ['EUR'] } };
    const cases: readonly (readonly [Readonly<Record<string, unknown>>, readonly string[]])[] = [
      [before, []],
      [{}, []],
      [{ hosts: ['api.acme.com', 'x.example'] }, []],
      [{ hosts: ['acme.com', 'evilacme.com', '*.example'] }, ['hosts:acme.com', 'hosts:evilacme.com', 'hosts:*.example']],
      [
        { events: { read: ['Order Completed', 'Signed Up'], write: ['Order Completed'] } },
        ['events.read:Signed Up', 'events.write:Order Completed'],
      ],
      [{ money: { currencies: ['EUR', 'USD'] } }, ['money.currencies:USD']],
      [{ hosts: [{ connectionField: 'url' }] }, ['hosts:{"connectionField":"url"}']],
      [{ storage: ['kv'] }, ['storage:kv']],
    ];
    for (const [after, added] of cases) assert.deepEqual(addedPermissions(before, after), added);
  });
});
