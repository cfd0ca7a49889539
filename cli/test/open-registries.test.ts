import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TendrilError } from '@tendril/plugin-api';
import type { ErrorCode } from '@tendril/plugin-api';
import { buildIndex, createRoot, createSigningKey, writeRegistry } from '@tendril/registry';
import type { RegistryState } from '@tendril/registry';
import type { RegistryRevocation } from '@tendril/schemas';
import { CommandFault } from '../src/failure.ts';
import { findHome } from '../src/home.ts';
import type { Home } from '../src/home.ts';
import { openRegistries, openRows } from '../src/open-registries.ts';
import { takeTurn } from '../src/operator/take-turn.ts';
import { changeRegistries, keepRegistryState, readRegistries, writeRegistries } from '../src/registries-file.ts';
import { findRevokedPlugins } from '../src/revoked-plugins.ts';

const DAY_MS = 86_400_000;
const key = createSigningKey().key;
const role = { publicKeys: [key.public], threshold: 1 };
const root = createRoot(
  { registry: 'x.example', root: role, index: role, createdAt: new Date(), expiresAt: new Date(Date.now() + DAY_MS) },
  [key],
);

const hasCode = (code: ErrorCode) => (error: unknown) => TendrilError.is(error) && error.code === code;

describe('the registries of an installation', () => {
  let folder: string;
  let home: Home;
  let served: string;
  const notes: string[] = [];
  const options = { note: (text: string) => void notes.push(text) };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tendril-registries-'));
    home = findHome({ TENDRIL_HOME: join(folder, 'home') });
    served = join(folder, 'served');
    notes.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function serve({ previousSequence = 0, days = 1, revocations = [] as readonly RegistryRevocation[] } = {}): Promise<void> {
    const createdAt = new Date();
    const expiresAt = new Date(createdAt.getTime() + days * DAY_MS);
    const index = buildIndex({
      checked: { entries: new Map(), revocations, roots: [root] },
      keys: [key],
      previousSequence,
      createdAt,
      expiresAt,
    });
    await writeRegistry(served, served, index, [root]);
  }
  const add = (name = 'main'): void => writeRegistries(home, [...readRegistries(home), { name, address: served, root }]);
  const age = (change: Partial<NonNullable<RegistryState['index']>>): void =>
    writeRegistries(
      home,
      readRegistries(home).map((known) => {
        const { state } = known;
        return state?.index === undefined ? known : { ...known, state: { ...state, index: { ...state.index, ...change } } };
      }),
    );

  it('are none at first', async () => {
    assert.deepEqual(readRegistries(home), []);
    assert.deepEqual(await openRegistries(home, options), []);
  });

  it('are kept for their owner alone, with what was seen of them', async () => {
    await serve();
    add();
    const [client] = await openRegistries(home, options);
    assert.ok(client);
    const [known] = readRegistries(home);
    assert.equal(known?.state?.index?.sequence, client.index().sequence);
    assert.equal(statSync(join(home.folder, 'registries.json')).mode & 0o777, 0o600);
    assert.equal(statSync(join(home.folder, 'registries/main/index.json')).mode & 0o777, 0o600);
  });

  it('are not asked again within ten minutes, unless that is wanted', async () => {
    await serve();
    add();
    const [before] = await openRegistries(home, options);
    await serve({ previousSequence: 5_000_000_000 });
    const [copy] = await openRegistries(home, options);
    assert.equal(copy?.index().sequence, before?.index().sequence);
    const [asked] = await openRegistries(home, { ...options, isForced: true });
    assert.equal(asked?.index().sequence, 5_000_000_001);
  });

  it('are asked again when a copy was changed on the disk', async () => {
    await serve();
    add();
    await openRegistries(home, options);
    writeFileSync(join(home.folder, 'registries/main/index.json'), '{"signed":{"plugins":{}}}');
    const [client] = await openRegistries(home, options);
    assert.equal(client?.index().registry, 'x.example');
  });

  it('are taken from a copy when nobody answers, as long as it has not expired', async () => {
    await serve();
    add();
    await openRegistries(home, options);
    renameSync(served, `${served}.away`);
    age({ refreshedAt: Date.now() - DAY_MS });
    assert.equal((await openRegistries(home, options)).length, 1);
    assert.match(notes.join(), /main does not answer/);
    age({ expiresAt: Date.now() - 1 });
    await assert.rejects(openRegistries(home, options), hasCode('REGISTRY_STALE'));
    await assert.rejects(openRegistries(home, { ...options, isForced: true }), hasCode('REGISTRY_UNREACHABLE'));
  });

  it('are never rolled back, also not by a copy or by another command that was slower', async () => {
    await serve({ previousSequence: 5_000_000_000 });
    add();
    await openRegistries(home, options);
    await serve();
    await assert.rejects(openRegistries(home, { ...options, isForced: true }), hasCode('REGISTRY_STALE'));
    const [known] = readRegistries(home);
    assert.ok(known?.state?.index);
    keepRegistryState(home, 'main', { root, index: { ...known.state.index, sequence: 7 } });
    assert.equal(readRegistries(home)[0]?.state?.index?.sequence, 5_000_000_001);
    keepRegistryState(home, 'gone', { root });
    assert.equal(readRegistries(home).length, 1);
  });

  it('are changed as they are then, not as they were when somebody was asked', async () => {
    await serve();
    add();
    changeRegistries(home, (before) => {
      assert.throws(() => takeTurn(join(home.folder, 'registries.json.busy')), { code: 'BUSY' });
      return before;
    });
    await openRegistries(home, options);
    const sequence = readRegistries(home)[0]?.state?.index?.sequence;
    assert.ok(sequence !== undefined);
    changeRegistries(home, (known) => [...known, { name: 'second', address: served, root }]);
    changeRegistries(home, (known) => known.filter(({ name }) => name !== 'second'));
    assert.equal(readRegistries(home)[0]?.state?.index?.sequence, sequence);
    // What one that was killed left holds nobody up.
    writeFileSync(join(home.folder, 'registries.json.busy'), '999999999');
    changeRegistries(home, () => []);
    assert.deepEqual(readRegistries(home), []);
  });

  it('are left out of a search when they cannot be trusted, and named', async () => {
    await serve();
    add();
    writeRegistries(home, [...readRegistries(home), { name: 'bad', address: join(folder, 'nowhere'), root }]);
    const faults: string[] = [];
    const rows = await openRows(home, { ...options, onFault: (name) => void faults.push(name) });
    assert.deepEqual(
      rows.map(({ name }) => name),
      ['main'],
    );
    assert.deepEqual(faults, ['bad']);
    assert.ok(existsSync(join(home.folder, 'registries/main/search.json')));
    writeFileSync(join(home.folder, 'registries/main/search.json'), 'broken');
    assert.deepEqual((await openRows(home, { ...options, onFault: () => undefined }))[0]?.rows, []);
  });

  it('are not forgotten when their file is damaged: what it pins would be gone', () => {
    add();
    for (const text of [
      '{',
      '{}',
      '{"registries":[{"name":"main"}]}',
      '{"registries":[{"name":"../x","address":"/","root":{"signed":{}}}]}',
    ]) {
      writeFileSync(join(home.folder, 'registries.json'), text);
      assert.throws(
        () => readRegistries(home),
        (error) => error instanceof CommandFault && error.code === 'REGISTRIES_FILE_DAMAGED',
      );
    }
  });

  it('revoke what came from them, and nothing else', async () => {
    await serve({ revocations: [{ id: 'acme_crm', versions: '<1.1.0', reason: 'Its key was stolen.', at: new Date().toISOString() }] });
    add('main');
    await openRegistries(home, options);
    const pinned = (version: string, registry?: string) => ({
      version,
      source: registry === undefined ? { kind: 'npm' as const, package: 'acme' } : { kind: 'registry' as const, registry },
      manifest: '0'.repeat(64),
      grants: {},
    });
    const found = await findRevokedPlugins(home, { acme_crm: pinned('1.0.0', 'main') });
    assert.deepEqual(found, [{ id: 'acme_crm', version: '1.0.0', registry: 'main', reason: 'Its key was stolen.' }]);
    for (const other of [pinned('1.1.0', 'main'), pinned('1.0.0', 'house'), pinned('1.0.0')])
      assert.deepEqual(await findRevokedPlugins(home, { acme_crm: other }), []);
  });
});
