import assert from 'node:assert/strict';
import { cp, symlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkRegistry, createSigningKey, integrityOf, openRegistryFolder, rotateRoot, signVersion } from '@tendril/registry';
import type { CheckedRegistry } from '@tendril/registry';
import type { RegistryEntry, RegistryVersion } from '@tendril/schemas';
import { DAY_MS, NOW, role, sampleFolder, sampleKeys, samplePackage, sampleRoot } from '../support/sample-registry.ts';
import type { SampleFolder } from '../support/sample-registry.ts';

describe('the check of submissions', () => {
  const author = createSigningKey().key;
  const stranger = createSigningKey().key;
  let base: SampleFolder;
  let head: SampleFolder;

  beforeEach(async () => {
    base = await sampleFolder();
    head = await sampleFolder();
    await base.publish({}, author);
    await cp(base.path, head.path, { recursive: true });
  });
  afterEach(async () => {
    await base.remove();
    await head.remove();
  });

  /** The only fault, as a line. */
  const onlyFault = ({ faults }: CheckedRegistry): string => {
    assert.equal(faults.length, 1, JSON.stringify(faults, null, 1));
    const [fault] = faults;
    assert.ok(fault);
    return `${fault.file}${fault.pointer} ${fault.message} -> ${fault.remedy ?? ''}`;
  };
  const change = async (edit: (entry: RegistryEntry) => unknown, id = 'acme_crm'): Promise<void> =>
    head.writeEntry(id, edit(await head.readEntry(id)));
  const withVersion = (entry: RegistryEntry, edit: Partial<Record<keyof RegistryVersion, unknown>>): unknown => ({
    ...entry,
    versions: [...entry.versions.slice(0, -1), { ...entry.versions.at(-1), ...edit }],
  });

  it('finds nothing wrong with a plugin, another one, and a higher version', async () => {
    assert.deepEqual((await head.check()).faults, []);
    await head.publish({ version: '1.1.0', hosts: ['api.acme.example', 'eu.acme.example'], title: 'Acme' }, author);
    await head.publish({ id: 'weather', title: 'Weather' }, stranger);
    const checked = await head.check(base.path);
    assert.deepEqual(checked.faults, []);
    assert.deepEqual(checked.notices, []);
    assert.deepEqual([...checked.entries.keys()], ['acme_crm', 'weather']);
    assert.equal(checked.entries.get('acme_crm')?.title, 'Acme');
  });

  it('refuses an id that is owned by another key', async () => {
    await rm(join(head.path, 'plugins'), { recursive: true });
    await head.publish({ version: '2.0.0' }, stranger);
    assert.match(
      onlyFault(await head.check(base.path)),
      /acme_crm\/entry\.json\/keys\/0 the id is owned by another key -> choose another id/,
    );
  });

  it('refuses a version that another key has signed, unless the old one has handed over', async () => {
    await assert.rejects(head.publish({ version: '1.1.0' }, stranger), /input does not match/);
    await head.publish({ version: '1.1.0' }, stranger, { publicKey: author.public });
    assert.match(onlyFault(await head.check(base.path)), /\/versions\/1\/signature 1\.1\.0 is not signed by the key that owns acme_crm/);
    await change(({ keys, ...entry }) => ({
      ...entry,
      keys: [...keys, { public: stranger.public, since: '1.1.0', signature: { keyId: author.keyId, value: `${'A'.repeat(86)}==` } }],
    }));
    assert.match(onlyFault(await head.check(base.path)), /\/keys\/1 the key before it has not signed for this one/);
    await cp(base.path, head.path, { recursive: true });
    await head.publish({ version: '1.1.0' }, stranger, { previousKey: author });
    assert.deepEqual((await head.check(base.path)).faults, []);
    // From now on the old key signs nothing, and the new one may hand over again.
    await head.publish({ version: '1.2.0' }, author, { publicKey: stranger.public });
    assert.match(onlyFault(await head.check()), /\/versions\/2\/signature/);
  });

  it('refuses a version that was published with other bytes', async () => {
    await head.publish({ title: 'Acme, improved' }, author);
    assert.match(onlyFault(await head.check(base.path)), /\/versions\/0\/integrity 1\.0\.0 was published with other bytes -> put it back/);
  });

  it('refuses a file that was exchanged under its entry', async () => {
    await head.write('plugins/acme_crm/acme_crm-1.0.0.tgz', samplePackage({ title: 'Evil' }));
    assert.match(onlyFault(await head.check(base.path)), /\/versions\/0\/integrity the file has other bytes/);
    await rm(join(head.path, 'plugins/acme_crm/acme_crm-1.0.0.tgz'));
    assert.match(onlyFault(await head.check(base.path)), /\/versions\/0\/tarball is missing/);
    await symlink('/etc/hostname', join(head.path, 'plugins/acme_crm/acme_crm-1.0.0.tgz'));
    assert.match(onlyFault(await head.check(base.path)), /\/versions\/0\/tarball is missing, no plain file/);
  });

  it('refuses a version that does not grow, was removed or changed', async () => {
    await head.publish({ version: '0.9.0' }, author);
    assert.match(onlyFault(await head.check(base.path)), /\/versions\/1\/version 0\.9\.0 is not higher than 1\.0\.0/);
    await cp(base.path, head.path, { recursive: true });
    await change((entry) => withVersion(entry, { publishedAt: '2020-01-01T00:00:00.000Z' }));
    await rm(join(head.path, 'plugins/acme_crm/acme_crm-0.9.0.tgz'));
    assert.match(onlyFault(await head.check(base.path)), /1\.0\.0 was changed after it was published/);
    await rm(join(head.path, 'plugins'), { recursive: true });
    await head.publish({ version: '2.0.0' }, author);
    assert.match(onlyFault(await head.check(base.path)), /1\.0\.0 was removed, but others may have it installed/);
    await rm(join(head.path, 'plugins'), { recursive: true });
    assert.match(onlyFault(await head.check(base.path)), /a published plugin was removed/);
  });

  it('refuses a patch that asks for more, unless it says why', async () => {
    await head.publish({ version: '1.0.1', hosts: ['api.acme.example', 'collect.example'] }, author);
    assert.match(
      onlyFault(await head.check(base.path)),
      /\/versions\/1\/permissions a patch release asks for more than 1\.0\.0: hosts:collect\.example/,
    );
    await change((entry) => withVersion(entry, { permissionsNote: 'The service has moved to another host.' }));
    assert.deepEqual((await head.check(base.path)).faults, []);
  });

  it('refuses an entry that says other things than its package', async () => {
    await change((entry) => withVersion(entry, { sizeBytes: 7, manifest: '0'.repeat(64), contributes: { actions: ['free_money'] } }));
    assert.match(onlyFault(await head.check()), /\/versions\/0\/integrity the file has other bytes/);
    await cp(base.path, head.path, { recursive: true });
    await change((entry) => ({ ...(withVersion(entry, { permissions: {} }) as object), licence: 'MIT', title: 'Other' }));
    assert.deepEqual(
      (await head.check()).faults.map(({ pointer, message }) => `${pointer} ${message}`),
      [
        '/versions/0/permissions the package says {"hosts":["api.acme.example"]}',
        '/title the newest package says "Acme CRM"',
        '/licence the newest package says "Apache-2.0"',
      ],
    );
  });

  it('refuses a package without licence and README, and one that is no package', async () => {
    await head.publish({ id: 'bare', without: ['README.md', 'LICENSE'], licence: 'UNLICENSED' }, author);
    assert.deepEqual(
      (await head.check(base.path)).faults.map(({ message }) => message),
      ['the package has no README', 'the package has no file LICENSE', 'package.json names no licence'],
    );
    const bytes = Buffer.from('no package');
    await rm(join(head.path, 'plugins/bare'), { recursive: true });
    const integrity = integrityOf(bytes);
    await head.write('plugins/acme_crm/acme_crm-1.1.0.tgz', bytes);
    const signature = signVersion({ id: 'acme_crm', version: '1.1.0', integrity }, author);
    await change((entry) => ({
      ...entry,
      versions: [
        ...entry.versions,
        { ...entry.versions[0], version: '1.1.0', tarball: 'acme_crm-1.1.0.tgz', integrity, sizeBytes: bytes.length, signature },
      ],
    }));
    assert.match(onlyFault(await head.check(base.path)), /\/versions\/1 the package is not valid: it is no gzip file/);
  });

  it('refuses what the schema refuses: ids, categories, places, licences', async () => {
    const entry = await head.readEntry('acme_crm');
    await change(() => ({ ...entry, categories: ['everything'] }));
    assert.match(onlyFault(await head.check(base.path)), /\/categories\/0 must be equal to one of the allowed values: crm, ads/);
    await change(() => ({ ...entry, title: 'Acme\u001b[2J', description: 'harmless \u202e drawkcab' }));
    assert.deepEqual(
      (await head.check(base.path)).faults.map(({ pointer }) => pointer),
      ['/title', '/description'],
    );
    await change(() => ({ ...entry, licence: '' }));
    assert.match(onlyFault(await head.check(base.path)), /\/licence must NOT have fewer than 1 characters/);
    await change(() => withVersion(entry, { tarball: '../../x.tgz' }));
    assert.match(onlyFault(await head.check(base.path)), /\/versions\/0\/tarball must match pattern/);
    await head.write('plugins/acme_crm/entry.json', '{ "title": ');
    assert.match(onlyFault(await head.check(base.path)), /entry\.json is no JSON/);
    await head.writeEntry('acme_crm', entry);
    await head.writeEntry('аcme', entry);
    assert.ok(
      (await head.check(base.path)).faults.some(
        ({ file, message }) => file === 'plugins/аcme/entry.json' && /property name|pattern/.test(message),
      ),
    );
  });

  it('refuses an id that looks like another, files that nobody names, and ranges that are none', async () => {
    await head.publish({ id: 'acrne_crm' }, stranger);
    assert.match(onlyFault(await head.check(base.path)), /the id looks like `acme_crm`, which somebody else may own/);
    await rm(join(head.path, 'plugins/acrne_crm'), { recursive: true });
    await head.write('plugins/acme_crm/notes.txt', 'x');
    assert.match(onlyFault(await head.check(base.path)), /no version names the file notes\.txt/);
    await rm(join(head.path, 'plugins/acme_crm/notes.txt'));
    await change((entry) => withVersion(entry, { engines: { tendril: 'newest' } }));
    assert.ok(
      (await head.check()).faults.some(
        ({ pointer, message }) => pointer === '/versions/0/engines/tendril' && message.includes('no semver range'),
      ),
    );
    await change((entry) => withVersion(entry, { engines: { tendril: '^7.0.0' } }));
    assert.ok((await head.check()).faults.some(({ message }) => message.includes('runs on tendril ^7.0.0, not on 0.1.0')));
  });

  it('refuses revocations of nothing, and ones that were taken back', async () => {
    const revocation = { id: 'acme_crm', versions: '<=1.0.0', reason: 'Its key was stolen.', at: NOW.toISOString() };
    await head.write('revocations.json', JSON.stringify([revocation]));
    assert.deepEqual((await head.check(base.path)).faults, []);
    await base.write('revocations.json', JSON.stringify([{ ...revocation, reason: 'Another reason.' }]));
    assert.match(onlyFault(await head.check(base.path)), /revocation of acme_crm <=1\.0\.0 was changed or removed/);
    await head.write(
      'revocations.json',
      JSON.stringify([
        { ...revocation, id: 'nobody' },
        { ...revocation, versions: 'some' },
      ]),
    );
    const { faults } = await head.check();
    assert.deepEqual(
      faults.map(({ pointer }) => pointer),
      ['/0/id', '/1/versions'],
    );
  });

  it('refuses roots that do not follow one another, and ones that were exchanged', async () => {
    const keys = sampleKeys();
    const root = sampleRoot(keys);
    const next = createSigningKey().key;
    const second = rotateRoot(root, { createdAt: NOW, expiresAt: new Date(NOW.getTime() + DAY_MS), root: role(next), index: role(next) }, [
      next,
    ]);
    await head.write('1.root.json', JSON.stringify(root));
    assert.deepEqual((await head.check(base.path)).faults, []);
    await head.write('2.root.json', JSON.stringify(second));
    assert.match(onlyFault(await head.check(base.path)), /2\.root\.json signed by 0 of the root keys of version 1/);
    await rm(join(head.path, '2.root.json'));
    await base.write('1.root.json', JSON.stringify(sampleRoot(sampleKeys())));
    assert.match(onlyFault(await head.check(base.path)), /1\.root\.json a published root was changed/);
  });

  it('looks into a package on npm when it can fetch it, and into what npm attests', async () => {
    await change((entry) => {
      const [{ tarball: _tarball, ...version }] = entry.versions;
      return { ...entry, versions: [{ ...version, npm: { package: '@acme/crm', version: '1.0.0' }, provenance: { kind: 'npm' } }] };
    });
    await rm(join(head.path, 'plugins/acme_crm/acme_crm-1.0.0.tgz'));
    const check = async (bytes: Buffer, attested: 'verified' | 'none'): Promise<CheckedRegistry> =>
      checkRegistry(await openRegistryFolder(head.path), {
        contractVersion: '0.1.0',
        fetchNpm: () => Promise.resolve(bytes),
        verifyProvenance: () => Promise.resolve(attested),
      });
    assert.deepEqual((await check(samplePackage(), 'verified')).faults, []);
    assert.match(onlyFault(await check(samplePackage(), 'none')), /\/versions\/0\/provenance npm has no attestation of it/);
    assert.match(onlyFault(await check(samplePackage({ title: 'Evil' }), 'verified')), /\/versions\/0\/integrity the file has other bytes/);
  });

  it('says what it could not look into', async () => {
    await change((entry) => {
      const [{ tarball: _tarball, ...version }] = entry.versions;
      return { ...entry, versions: [{ ...version, npm: { package: '@acme/crm', version: '1.0.0' } }] };
    });
    await rm(join(head.path, 'plugins/acme_crm/acme_crm-1.0.0.tgz'));
    const checked = await head.check();
    assert.deepEqual(checked.faults, []);
    assert.deepEqual(checked.notices, ['acme_crm 1.0.0 lies on npm and was not looked into.']);
  });
});
