import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { HUB_FAULT_POINTS } from '@tendril/engine';
import { FAULT_POINTS } from '@tendril/stores';
import { readHubSettings } from '../src/wiring/environment.ts';
import { readFaults } from '../src/wiring/faults.ts';
import { FIRST_PARTY, findPluginFolders, findPlugins } from '../src/wiring/plugin-sources.ts';

const LEDGER = fileURLToPath(new URL('../../test/fixtures/plugins/ledger', import.meta.url));

describe('the settings of a start', () => {
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

  it('come from folders too, with their code', async () => {
    const [source] = await findPluginFolders([LEDGER]);
    assert.equal(source?.folder, 'ledger');
    assert.ok((await source.load()).default);
    await assert.rejects(findPluginFolders(['/nowhere']), { code: 'CONFIG_INVALID' });
  });
});

describe('a fault point', () => {
  it('belongs to the stores or to the engine', () => {
    for (const point of FAULT_POINTS) assert.deepEqual(readFaults(`${point}:3`).stores, { faults: { kill: point, after: 3 } });
    for (const point of HUB_FAULT_POINTS) assert.ok(readFaults(point).hub);
    assert.deepEqual(readFaults(undefined), {});
  });
});
