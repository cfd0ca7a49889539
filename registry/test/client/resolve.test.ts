import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TendrilError } from '@tendril/plugin-api';
import type { ErrorCode } from '@tendril/plugin-api';
import { createRegistryClient, createSigningKey, resolveAcross } from '@tendril/registry';
import type { RegistryClient, RegistryClientOptions, SigningKey } from '@tendril/registry';
import type { RegistryEntry, RegistryRevocation } from '@tendril/schemas';
import { NOW, sampleFolder, sampleIndex, sampleKeys, sampleOutput, samplePackage, sampleRoot } from '../support/sample-registry.ts';
import type { SampleFolder, SamplePackage } from '../support/sample-registry.ts';

const fails = (code: ErrorCode, details: RegExp) => (error: unknown) => {
  assert.ok(TendrilError.is(error), String(error));
  assert.equal(error.code, code);
  assert.match(JSON.stringify(error.details), details);
  return true;
};

describe('registries', () => {
  const folders: SampleFolder[] = [];
  const outs: string[] = [];
  after(async () => {
    for (const folder of folders) await folder.remove();
    for (const out of outs) await rm(out, { recursive: true, force: true });
  });

  interface Registry {
    readonly client: RegistryClient;
    readonly out: string;
  }

  async function registry(
    name: string,
    packages: readonly SamplePackage[],
    {
      revocations = [],
      author = createSigningKey().key,
      change = (entries) => entries,
      ...options
    }: Partial<RegistryClientOptions> & {
      readonly revocations?: readonly RegistryRevocation[];
      readonly author?: SigningKey;
      readonly change?: (entries: Record<string, RegistryEntry>) => Record<string, RegistryEntry>;
    } = {},
  ): Promise<Registry> {
    const keys = sampleKeys();
    const root = sampleRoot(keys, `${name}.example.org`);
    const folder = await sampleFolder();
    folders.push(folder);
    const entries: Record<string, RegistryEntry> = {};
    for (const sample of packages) entries[sample.id ?? 'acme_crm'] = await folder.publish(sample, author);
    const out = await sampleOutput(folder.path, sampleIndex({ root, keys: [keys.index], entries: change(entries), revocations }), [root]);
    outs.push(out);
    const fetch = (): Promise<Response> => Promise.reject(new Error('a folder'));
    const client = createRegistryClient({
      name,
      address: out,
      fetch,
      rootPinned: root,
      contractVersion: '0.1.0',
      now: () => NOW.getTime(),
      ...options,
    });
    await client.refresh();
    return { client, out };
  }

  const versions = [{ version: '1.0.0' }, { version: '1.1.0' }, { version: '1.2.0-beta.1' }, { version: '2.0.0' }];

  it('resolve to the highest version in the range that runs here and is not revoked', async () => {
    const revocations = [{ id: 'acme_crm', versions: '>=2.0.0', reason: 'Its key was stolen.', at: NOW.toISOString() }];
    const { client } = await registry('main', versions, { revocations });
    assert.equal(client.resolve('acme_crm').version.version, '1.1.0');
    assert.equal(client.resolve('acme_crm', '^1.0.0').version.version, '1.1.0');
    assert.equal(client.resolve('acme_crm', '1.0.0').version.version, '1.0.0');
    assert.equal(client.resolve('acme_crm', '1.2.0-beta.1').version.version, '1.2.0-beta.1');
    assert.throws(() => client.resolve('acme_crm', '^2.0.0'), fails('PLUGIN_REVOKED', /Its key was stolen/));
    assert.throws(() => client.resolve('acme_crm', '^3.0.0'), fails('NOT_FOUND', /"versions":\["1\.0\.0"/));
    assert.throws(() => client.resolve('acme_crm', 'newest'), fails('INPUT_INVALID', /semver range/));
    assert.throws(() => client.resolve('constructor'), fails('NOT_FOUND', /constructor/));
    assert.equal(client.revocation('acme_crm', '2.0.0')?.reason, 'Its key was stolen.');
    assert.equal(client.revocation('acme_crm', '1.0.0'), undefined);
  });

  it('say when nothing runs on this contract', async () => {
    const { client } = await registry('main', versions, { contractVersion: '7.0.0' });
    assert.throws(() => client.resolve('acme_crm'), fails('NOT_FOUND', /made for tendril \^0\.1\.0; this one is 7\.0\.0/));
  });

  it('do not hand out a version that its author has not signed', async () => {
    const change = (entries: Record<string, RegistryEntry>): Record<string, RegistryEntry> => {
      const entry = entries['acme_crm'];
      assert.ok(entry);
      return { acme_crm: { ...entry, keys: [{ public: createSigningKey().key.public }] } };
    };
    const { client } = await registry('main', versions.slice(0, 1), { change });
    assert.throws(() => client.resolve('acme_crm'), fails('REGISTRY_UNTRUSTED', /not signed by the key of its author/));
  });

  it('hand out the bytes that the index pins, and no others', async () => {
    const { client, out } = await registry('main', versions.slice(0, 1));
    assert.deepEqual(Buffer.from(await client.download('acme_crm', '1.0.0')), samplePackage());
    const file = join(out, 'plugins', 'acme_crm', 'acme_crm-1.0.0.tgz');
    const other = samplePackage();
    other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
    await writeFile(file, other);
    await assert.rejects(client.download('acme_crm', '1.0.0'), fails('PACKAGE_INTEGRITY', /expected/));
    await writeFile(file, other.subarray(0, 10));
    await assert.rejects(client.download('acme_crm', '1.0.0'), fails('PACKAGE_INTEGRITY', /"sizeBytes":10/));
    await writeFile(file, Buffer.alloc(other.length + 1));
    await assert.rejects(client.download('acme_crm', '1.0.0'), fails('REGISTRY_INVALID', /larger than/));
    await rm(file);
    await assert.rejects(client.download('acme_crm', '1.0.0'), fails('NOT_FOUND', /acme_crm-1\.0\.0\.tgz/));
    await assert.rejects(client.download('acme_crm', '9.0.0'), fails('NOT_FOUND', /9\.0\.0/));
  });

  it('fetch what lies on npm by what they were handed, and verify it all the same', async () => {
    const asNpm = (entries: Record<string, RegistryEntry>): Record<string, RegistryEntry> => {
      const entry = entries['acme_crm'];
      assert.ok(entry);
      const [{ tarball: _tarball, ...version }] = entry.versions;
      return { acme_crm: { ...entry, versions: [{ ...version, npm: { package: '@acme/crm', version: '1.0.0' } }] } };
    };
    const asked: unknown[] = [];
    const { client } = await registry('main', [{}], {
      change: asNpm,
      fetchNpm: (npm) => (asked.push(npm), Promise.resolve(samplePackage())),
    });
    assert.deepEqual(Buffer.from(await client.download('acme_crm', '1.0.0')), samplePackage());
    assert.deepEqual(asked, [{ package: '@acme/crm', version: '1.0.0' }]);
    const { client: forged } = await registry('main', [{}], {
      change: asNpm,
      fetchNpm: () => Promise.resolve(samplePackage({ title: 'Other' })),
    });
    await assert.rejects(forged.download('acme_crm', '1.0.0'), fails('PACKAGE_INTEGRITY', /expected/));
    const { client: without } = await registry('main', [{}], { change: asNpm });
    await assert.rejects(without.download('acme_crm', '1.0.0'), fails('REGISTRY_UNREACHABLE', /npm/));
  });

  describe('of which two have the same id', () => {
    let house: RegistryClient;
    let open: RegistryClient;
    before(async () => {
      house = (await registry('house', [{ id: 'billing', version: '1.0.0' }])).client;
      open = (
        await registry('open', [
          { id: 'billing', version: '9.0.0' },
          { id: 'weather', version: '1.0.0' },
        ])
      ).client;
    });

    it('give it from the one of higher precedence, however high the version of the other, and say so', () => {
      const found = resolveAcross({ registries: [house, open], id: 'billing' });
      assert.equal(found.registry, 'house');
      assert.equal(found.version.version, '1.0.0');
      assert.deepEqual(found.alsoIn, ['open']);
      assert.equal(resolveAcross({ registries: [open, house], id: 'billing' }).registry, 'open');
      assert.deepEqual(resolveAcross({ registries: [house, open], id: 'weather' }).alsoIn, []);
      assert.equal(resolveAcross({ registries: [house, open], id: 'weather' }).registry, 'open');
    });

    it('do not pass to the other when the first has no version in the range', () => {
      assert.throws(() => resolveAcross({ registries: [house, open], id: 'billing', range: '^9.0.0' }), fails('NOT_FOUND', /house/));
    });

    it('give it from the one in the lock, whatever their order', () => {
      for (const registries of [
        [house, open],
        [open, house],
      ]) {
        assert.equal(resolveAcross({ registries, id: 'billing', lockedRegistry: 'house' }).version.version, '1.0.0');
        assert.equal(resolveAcross({ registries, id: 'billing', lockedRegistry: 'open' }).version.version, '9.0.0');
      }
    });

    it('do not fill in for the one in the lock when it has lost the plugin or is gone', () => {
      assert.throws(
        () => resolveAcross({ registries: [house, open], id: 'weather', lockedRegistry: 'house' }),
        fails('NOT_FOUND', /belongs to the registry that first served it/),
      );
      assert.throws(
        () => resolveAcross({ registries: [open], id: 'billing', lockedRegistry: 'house' }),
        fails('REGISTRY_UNKNOWN', /tendril registry add house/),
      );
      assert.throws(() => resolveAcross({ registries: [house, open], id: 'nowhere' }), fails('NOT_FOUND', /\["house","open"\]/));
    });
  });
});
