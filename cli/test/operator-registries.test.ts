import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TendrilError } from '@tendril/plugin-api';
import { buildIndex, createRoot, readLock, withPlugin, writeLock, writeRegistry } from '@tendril/registry';
import type { LockFile, RegistryEntry, RegistryRevocation } from '@tendril/schemas';
import { DAY_MS, role, sampleFolder, sampleKeys, samplePackage } from '../../registry/test/support/sample-registry.ts';
import type { SampleFolder, SamplePackage } from '../../registry/test/support/sample-registry.ts';
import { findHome } from '../src/home.ts';
import { findPackage } from '../src/operator/find-package.ts';
import { auditPlugin, verifyPlugin } from '../src/operator/inspection.ts';
import { openRegistries } from '../src/open-registries.ts';
import { pinPackage, refuseUnwanted } from '../src/operator/pin-package.ts';
import { changeLock, pluginHomeOf } from '../src/operator/plugin-home.ts';
import type { PluginHome } from '../src/operator/plugin-home.ts';
import { rollBack } from '../src/operator/roll-back.ts';
import { readRegistries, writeRegistries } from '../src/registries-file.ts';
import { findInstalled } from '../src/wiring/installed-plugins.ts';
import { refreshRevocations } from '../src/wiring/revocations.ts';

const ID = 'acme_crm';
const note = (): void => undefined;
const OPEN = { note, isForced: true };

/** A registry as it is served, for as long as a test takes. */
async function serve(name: string, samples: readonly SamplePackage[]) {
  const keys = sampleKeys();
  const folder: SampleFolder = await sampleFolder();
  const served = mkdtempSync(join(tmpdir(), 'tendril-served-'));
  const createdAt = new Date();
  const dates = { createdAt, expiresAt: new Date(createdAt.getTime() + DAY_MS) };
  const root = createRoot({ registry: `${name}.example`, ...dates, root: role(keys.root), index: role(keys.index) }, [keys.root]);
  let sequence: number | undefined;
  async function build(revocations: readonly RegistryRevocation[] = []): Promise<void> {
    const ids = [...new Set(samples.map(({ id = ID }) => id))];
    const entries = new Map<string, RegistryEntry>();
    for (const id of ids) entries.set(id, await folder.readEntry(id));
    const index = buildIndex({
      checked: { entries, revocations, roots: [root] },
      keys: [keys.index],
      previousSequence: sequence,
      ...dates,
    });
    sequence = index.signed.sequence;
    await writeRegistry(folder.path, served, index, [root]);
  }
  for (const sample of samples) await folder.publish(sample, keys.author);
  await build();
  return {
    known: { name, address: served, root },
    build,
    publish: (sample: SamplePackage) => folder.publish(sample, keys.author),
    remove: async () => {
      await folder.remove();
      rmSync(served, { recursive: true, force: true });
    },
  };
}

describe('plugins of registries', () => {
  let folder: string;
  let place: PluginHome;
  const served: Awaited<ReturnType<typeof serve>>[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tendril-operator-'));
    place = pluginHomeOf(findHome({ TENDRIL_HOME: folder }));
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true, force: true });
    for (const each of served.splice(0)) await each.remove();
  });

  async function add(name: string, samples: readonly SamplePackage[]) {
    const registry = await serve(name, samples);
    served.push(registry);
    writeRegistries(place.home, [...readRegistries(place.home), registry.known]);
    return registry;
  }

  async function install(range?: string, more: { readonly switchesOrigin?: boolean; readonly registry?: string } = {}): Promise<LockFile> {
    await changeLock(place, async (lock) => {
      const found = await findPackage(
        { kind: 'registry', id: ID, ...(range === undefined ? {} : { range }) },
        { place, lock, note, ...more },
      );
      refuseUnwanted(found, lock.plugins[ID], { switchesOrigin: more.switchesOrigin ?? false });
      return withPlugin(lock, ID, await pinPackage(place, found, { before: lock.plugins[ID] }));
    });
    return readLock(place.lockFile);
  }

  it('are installed by id and range, pinned, upgraded and rolled back', async () => {
    await add('main', [{ version: '1.0.0' }, { version: '1.1.0' }, { version: '2.0.0' }]);
    assert.equal((await install('^1.0')).plugins[ID]?.version, '1.1.0');
    const lock = await install();
    const pinned = lock.plugins[ID];
    assert.deepEqual([pinned?.version, pinned?.provenance, pinned?.previous?.version], ['2.0.0', 'verified', '1.1.0']);
    assert.deepEqual(pinned?.source, { kind: 'registry', registry: 'main' });
    assert.deepEqual(await rollBack(place, ID), { from: '2.0.0', to: '1.1.0' });
    const back = await readLock(place.lockFile);
    assert.deepEqual([back.plugins[ID]?.version, back.plugins[ID]?.previous?.version], ['1.1.0', '2.0.0']);
    await assert.rejects(install('^7'), (error) => TendrilError.is(error));
  });

  it('belong to the registry that first served them', async () => {
    await add('main', [{ version: '1.0.0' }]);
    await install();
    const other = await add('other', [{ version: '9.0.0' }]);
    // Even when somebody puts it before the others.
    writeRegistries(place.home, readRegistries(place.home).toReversed());
    assert.equal((await install()).plugins[ID]?.version, '1.0.0');
    const file = join(folder, 'a.tgz');
    writeFileSync(file, samplePackage({ version: '9.0.0' }));
    const lock = await readLock(place.lockFile);
    await assert.rejects(findPackage({ kind: 'tarball', path: file }, { place, lock, note }), {
      code: 'ORIGIN_DIFFERS',
      message: /--switch-registry/,
    });
    const switched = await install(undefined, { switchesOrigin: true, registry: other.known.name });
    assert.deepEqual([switched.plugins[ID]?.version, switched.plugins[ID]?.source], ['9.0.0', { kind: 'registry', registry: 'other' }]);
    await assert.rejects(install(undefined, { registry: 'none' }), { code: 'REGISTRY_UNKNOWN' });
  });

  it('are not taken where no registry is known', async () => {
    await assert.rejects(install(), { code: 'REGISTRY_UNKNOWN', message: /tendril registry add/ });
  });

  it('are not called any more once they were revoked, and an audit says so', async () => {
    const main = await add('main', [{ version: '1.0.0' }]);
    const lock = await install();
    const options = { mayBeLinked: true, trusted: new Set<string>() };
    assert.equal((await findInstalled(place, options))[0]?.revoked, undefined);
    await main.build([{ id: ID, versions: '<=1.0.0', reason: 'It sends data to a stranger.', at: new Date().toISOString() }]);
    const told: string[] = [];
    const log = { debug: note, info: note, warn: note, error: (_: object, text: string) => void told.push(text) };
    let changes = 0;
    const onChange = (): Promise<void> => Promise.resolve(void (changes += 1));
    await refreshRevocations(place, log as never, onChange);
    await refreshRevocations(place, log as never, onChange);
    assert.equal(changes, 1);
    assert.match(told.join(), /taken back/);
    assert.match(String((await findInstalled(place, options))[0]?.revoked?.reason), /stranger/);
    const registries = await openRegistries(place.home, OPEN);
    const pinned = lock.plugins[ID];
    assert.ok(pinned);
    const kinds = (await auditPlugin(ID, pinned, { place, registries, allowed: {} })).map(({ kind }) => kind);
    assert.deepEqual(kinds.toSorted(), ['permissions', 'revoked']);
    // A revocation is not forgotten because nobody answers.
    await main.remove();
    await refreshRevocations(place, log as never, onChange);
    assert.equal(changes, 1);
    assert.match(String((await findInstalled(place, options))[0]?.revoked?.reason), /stranger/);
  });

  it('are compared with what their registry serves', async () => {
    const main = await add('main', [{ version: '1.0.0' }]);
    const pinned = (await install()).plugins[ID];
    assert.ok(pinned);
    const registries = await openRegistries(place.home, OPEN);
    assert.deepEqual(await verifyPlugin(ID, pinned, { place, registries }), []);
    assert.match(
      JSON.stringify(await verifyPlugin(ID, { ...pinned, integrity: `sha512-${'A'.repeat(86)}==` }, { place, registries })),
      /other bytes/,
    );
    assert.match(JSON.stringify(await verifyPlugin(ID, pinned, { place, registries: [] })), /cannot be asked/);
    await main.publish({ version: '1.2.0' });
    await main.build();
    const newer = await auditPlugin(ID, pinned, { place, registries: await openRegistries(place.home, OPEN) });
    assert.deepEqual(
      newer.map(({ kind, says }) => [kind, /1\.2\.0/.test(says)]),
      [['outdated', true]],
    );
  });

  it('that are at fault do not keep the others from running', async () => {
    await add('main', [{ version: '1.0.0' }]);
    const lock = await install();
    const acme = lock.plugins[ID];
    assert.ok(acme);
    await writeLock(
      place.lockFile,
      withPlugin(withPlugin(lock, 'gone', acme), 'linked', {
        version: '1.0.0',
        source: { kind: 'folder', path: folder },
        manifest: acme.manifest,
        grants: {},
      }),
    );
    const sources = await findInstalled(place, { mayBeLinked: false, trusted: new Set([ID]) });
    assert.deepEqual(
      sources.map(({ folder: id, fault, isTrusted }) => [id, fault?.code, isTrusted]),
      [
        [ID, undefined, true],
        ['gone', 'PLUGIN_NOT_INSTALLED_HERE', undefined],
        ['linked', 'PACKAGE_INTEGRITY', undefined],
      ],
    );
  });
});
