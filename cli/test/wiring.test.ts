import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HUB_FAULT_POINTS } from '@tendril/engine';
import { FAULT_POINTS } from '@tendril/stores';
import { readHubSettings } from '../src/wiring/environment.ts';
import { readFaults } from '../src/wiring/faults.ts';
import { installationPrefix } from '../src/wiring/run-hub.ts';
import { FIRST_PARTY, findPluginFolders, findPlugins } from '../src/wiring/plugin-sources.ts';

const LEDGER = fileURLToPath(new URL('../../test/fixtures/plugins/ledger', import.meta.url));

describe('the settings of a start', () => {
  it('keep the wake-ups of installations apart that share a Redis, and those of one together', () => {
    const [key, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const prefix = installationPrefix(key, 'mysql://user:s3cret@db:3306/tendril');
    assert.match(prefix, /^tendril-[0-9a-f]{16}$/);
    assert.equal(installationPrefix(key, 'mysql://other@127.0.0.1:3307/tendril'), prefix);
    assert.notEqual(installationPrefix(other, 'mysql://user@db/tendril'), prefix);
    assert.notEqual(installationPrefix(key, 'mysql://user@db/staging'), prefix);
  });

  it('bind to this machine unless told otherwise', () => {
    const { host, port, pluginFolders, allowedEgress } = readHubSettings({}, false);
    assert.deepEqual({ host, port, pluginFolders, allowedEgress }, { host: '127.0.0.1', port: 4000, pluginFolders: [], allowedEgress: [] });
    assert.equal(readHubSettings({ PORT: '0', TENDRIL_HOST: '0.0.0.0' }, false).host, '0.0.0.0');
  });

  it('are refused when they mean nothing', () => {
    for (const environment of [
      { PORT: 'x' },
      { PORT: '70000' },
      { PORT: '1.5' },
      { TENDRIL_PUBLIC_URL: 'ftp://x' },
      { TENDRIL_PUBLIC_URL: 'x' },
    ]) {
      assert.throws(() => readHubSettings(environment, false), { code: 'CONFIG_INVALID' });
    }
  });

  it('say what the process is for: everything, unless a server lets several share the work', () => {
    const shared = { DATABASE_URL: 'mysql://u@h/d' };
    assert.deepEqual(readHubSettings({}, false).roles, ['api', 'worker', 'scheduler', 'analytics']);
    assert.deepEqual(readHubSettings({ ...shared, TENDRIL_ROLE: 'scheduler, api' }, false).roles, ['api', 'scheduler']);
    assert.deepEqual(readHubSettings({ ...shared, TENDRIL_ROLE: 'api' }, false, ['worker']).roles, ['worker']);
    assert.deepEqual(readHubSettings({ TENDRIL_ROLE: 'all' }, false, []).roles.length, 4);
    assert.deepEqual(readHubSettings({ TENDRIL_ROLE: 'api,worker,scheduler' }, false).roles, ['api', 'worker', 'scheduler']);
    for (const [environment, flags] of [
      [{ TENDRIL_ROLE: 'worker' }, []],
      [{}, ['api', 'worker']],
      [shared, ['cook']],
    ] as const)
      assert.throws(() => readHubSettings(environment, false, flags), { code: 'CONFIG_INVALID' });
  });

  it('say where a process that only works answers for its health, and how long it may take to stop', () => {
    assert.deepEqual([readHubSettings({}, false).healthPort, readHubSettings({}, false).graceMs], [undefined, 10_000]);
    assert.equal(readHubSettings({ PORT: '80' }, false).healthPort, 80);
    const { port, healthPort, graceMs } = readHubSettings({ PORT: '80', TENDRIL_HEALTH_PORT: '81', TENDRIL_GRACE_MS: '0' }, false);
    assert.deepEqual([port, healthPort, graceMs], [80, 81, 0]);
    for (const environment of [{ TENDRIL_HEALTH_PORT: 'x' }, { TENDRIL_GRACE_MS: '-1' }, { TENDRIL_REDIS_PREFIX: 'a:b' }])
      assert.throws(() => readHubSettings(environment, false), { code: 'CONFIG_INVALID' });
  });

  it('load plugins from folders, but not in production', () => {
    assert.equal(readHubSettings({ TENDRIL_PLUGINS: `${LEDGER}, ./other` }, false).pluginFolders.length, 2);
    assert.throws(() => readHubSettings({ TENDRIL_PLUGINS: LEDGER }, true), { code: 'CONFIG_INVALID' });
  });
});

describe('the plugins of a start', () => {
  it('are found with their manifests', async () => {
    const sources = await findPlugins(FIRST_PARTY);
    assert.deepEqual(
      sources.map(({ folder }) => folder),
      [...FIRST_PARTY],
    );
  });

  it('have a hash of their code, which tells one version from another', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tendril-plugin-'));
    const hashOf = async (path: string): Promise<string | undefined> => (await findPluginFolders([path]))[0]?.integrity?.();
    cpSync(LEDGER, join(folder, 'ledger'), { recursive: true });
    assert.equal(await hashOf(join(folder, 'ledger')), await hashOf(LEDGER));
    appendFileSync(join(folder, 'ledger', 'src', 'index.ts'), '\n// changed\n');
    assert.notEqual(await hashOf(join(folder, 'ledger')), await hashOf(LEDGER));
    rmSync(folder, { recursive: true });
  });

  it('come from folders too, with their code', async () => {
    const [source] = await findPluginFolders([LEDGER]);
    assert.equal(source?.folder, 'ledger');
    assert.ok((await source.load()).default);
    await assert.rejects(findPluginFolders(['/nowhere']), { code: 'CONFIG_INVALID' });
  });

  it('have their code in their folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tendril-plugin-'));
    writeFileSync(join(folder, 'plugin.json'), '{}');
    for (const exports of ['../index.js', './../../x/index.js', { '.': { import: './a/../../index.js' } }]) {
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ exports }));
      await assert.rejects(findPluginFolders([folder]), { code: 'PACKAGE_INVALID' });
    }
    rmSync(folder, { recursive: true });
  });
});

describe('a fault point', () => {
  it('belongs to the stores or to the engine', () => {
    for (const point of FAULT_POINTS) assert.deepEqual(readFaults(`${point}:3`).stores, { faults: { kill: point, after: 3 } });
    for (const point of HUB_FAULT_POINTS) assert.ok(readFaults(point).hub);
    assert.deepEqual(readFaults(undefined), {});
  });
});
