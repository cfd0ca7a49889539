import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@tendril/plugin-api';
import type { LockFile, PinnedPlugin } from '@tendril/schemas';
import { findHome } from '../src/home.ts';
import { readPermissions, refuseBeyond } from '../src/operator/allowed-permissions.ts';
import { judge, settingsProblems } from '../src/operator/ask-settings.ts';
import { refuseFailedProvenance, refuseUnwanted } from '../src/operator/pin-package.ts';
import { readAddress } from '../src/operator/package-address.ts';
import { changeLock, pluginHomeOf } from '../src/operator/plugin-home.ts';
import { readAssignment, settingsFields } from '../src/operator/settings-fields.ts';
import { planLines, planOfManifests } from '../src/operator/upgrade-plan.ts';

const SETTINGS: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['region', 'apiKey'],
  $defs: { size: { type: 'integer', minimum: 1, maximum: 100, default: 10, title: 'Size' } },
  properties: {
    region: { enum: ['eu', 'us'], title: 'Region' },
    apiKey: { type: 'string', writeOnly: true, minLength: 8 },
    size: { $ref: '#/$defs/size', description: 'of a page' },
    isFast: { type: 'boolean', default: true },
    tags: { type: 'array', items: { type: 'string' } },
    days: { type: 'array', items: { enum: ['mon', 'tue'] } },
    level: {
      oneOf: [
        { const: 1, title: 'low' },
        { const: 2, title: 'high' },
      ],
    },
    map: { type: 'object', additionalProperties: { type: 'string' } },
  },
};

function field(name: string) {
  const found = settingsFields(SETTINGS).find((each) => each.name === name);
  assert.ok(found);
  return found;
}

describe('the settings of a plugin', () => {
  it('are asked for by their schema', () => {
    assert.deepEqual(
      settingsFields(SETTINGS).map(({ name, kind, isRequired }) => [name, kind, isRequired]),
      [
        ['region', 'choice', true],
        ['apiKey', 'secret', true],
        ['size', 'integer', false],
        ['isFast', 'boolean', false],
        ['tags', 'list', false],
        ['days', 'choices', false],
        ['level', 'choice', false],
        ['map', 'json', false],
      ],
    );
    assert.deepEqual([field('size').title, field('size').description, field('size').fallback], ['Size', 'of a page', 10]);
    assert.deepEqual(field('level').options, [
      { value: 1, title: 'low' },
      { value: 2, title: 'high' },
    ]);
    assert.deepEqual(settingsFields({}), []);
  });

  it('are judged as they are typed', () => {
    assert.equal(judge('50', field('size'), undefined), true);
    assert.match(String(judge('500', field('size'), undefined)), /100/);
    assert.match(String(judge('many', field('size'), undefined)), /no integer/);
    assert.match(String(judge('1.5', field('size'), undefined)), /integer/);
    assert.equal(judge('', field('size'), undefined), true);
    assert.match(String(judge('', field('apiKey'), undefined)), /needed/);
    assert.equal(judge('', field('apiKey'), 'kept'), true);
    assert.match(String(judge('short', field('apiKey'), undefined)), /8/);
    assert.match(String(judge('{', field('map'), undefined)), /no JSON/);
    assert.deepEqual(settingsProblems(SETTINGS, { region: 'eu', apiKey: '12345678' }), []);
    assert.match(JSON.stringify(settingsProblems(SETTINGS, { region: 'eu' })), /apiKey/);
  });

  it('are taken from the command line as their types are', () => {
    assert.deepEqual(readAssignment('region=eu', SETTINGS), { region: 'eu' });
    assert.deepEqual(readAssignment('size=5', SETTINGS), { size: 5 });
    assert.deepEqual(readAssignment('isFast=false', SETTINGS), { isFast: false });
    assert.deepEqual(readAssignment('tags=a, b', SETTINGS), { tags: ['a', 'b'] });
    assert.deepEqual(readAssignment('days=mon', SETTINGS), { days: ['mon'] });
    assert.deepEqual(readAssignment('level=high', SETTINGS), { level: 2 });
    assert.deepEqual(readAssignment('map.a=b=c', SETTINGS), { map: { a: 'b=c' } });
    for (const [given, says] of [
      ['region', /name=value/],
      ['region=mars', /none of eu, us/],
      ['regoin=eu', /There are: region/],
      ['apiKey=secret12', /secret/],
      ['size=many', /no integer/],
    ] as const)
      assert.throws(() => readAssignment(given, SETTINGS), { name: 'CommandFault', message: says });
  });
});

describe('what can be installed', () => {
  it('is told apart by how it is written', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tendril-address-'));
    try {
      writeFileSync(join(folder, 'a.tgz'), '');
      assert.deepEqual(readAddress(folder), { kind: 'folder', path: folder });
      assert.deepEqual(readAddress(join(folder, 'a.tgz')), { kind: 'tarball', path: join(folder, 'a.tgz') });
      assert.deepEqual(readAddress('acme_crm'), { kind: 'registry', id: 'acme_crm' });
      assert.deepEqual(readAddress('acme_crm@^1.2'), { kind: 'registry', id: 'acme_crm', range: '^1.2' });
      assert.deepEqual(readAddress('npm:acme_crm@1'), { kind: 'npm', package: 'acme_crm', range: '1' });
      assert.deepEqual(readAddress('@acme/tendril-plugin-crm@2'), { kind: 'npm', package: '@acme/tendril-plugin-crm', range: '2' });
      assert.deepEqual(readAddress('tendril-plugin-crm'), { kind: 'npm', package: 'tendril-plugin-crm' });
      for (const given of ['', 'Acme', 'a b', 'http://x/y', '@acme', 'npm:../x', 'git+ssh://x'])
        assert.throws(() => readAddress(given), { name: 'CommandFault' }, given);
      assert.deepEqual(readAddress('npm:acme_crm@>=1 <3'), { kind: 'npm', package: 'acme_crm', range: '>=1 <3' });
      assert.deepEqual(readAddress('npm:acme_crm@next'), { kind: 'npm', package: 'acme_crm', range: 'next' });
      // npm takes all of these for places of their own, some of which run code.
      for (const range of [
        'git+https://evil.example/x.git',
        'evil/x',
        'https://evil.example/x.tgz',
        'file:../x',
        '../x',
        'npm:other@1',
        '--force',
      ])
        assert.throws(() => readAddress(`npm:acme_crm@${range}`), { name: 'CommandFault' }, range);
      assert.throws(() => readAddress('./none-of-these'), { name: 'CommandFault' });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  const pinned = (version: string, source: PinnedPlugin['source'], integrity: string): PinnedPlugin => ({
    version,
    source,
    integrity,
    files: 'a'.repeat(64),
    manifest: 'b'.repeat(64),
    grants: {},
  });

  it('does not take the id of a plugin of Tendril, nor other bytes under a published version', () => {
    const found = (id: string, kind: 'registry' | 'tarball', integrity: string) =>
      ({
        content: { id, version: '1.0.0' },
        source: kind === 'registry' ? { kind, registry: 'main' } : { kind, file: 'a.tgz' },
        integrity,
        provenance: 'none',
        notes: [],
      }) as unknown as Parameters<typeof refuseUnwanted>[0];
    const options = { switchesOrigin: false };
    assert.throws(() => refuseUnwanted(found('email', 'tarball', 'x'), undefined, options), { code: 'ID_TAKEN' });
    const before = pinned('1.0.0', { kind: 'registry', registry: 'main' }, 'sha512-one');
    assert.throws(() => refuseUnwanted(found('acme', 'registry', 'sha512-two'), before, options), { code: 'PACKAGE_INTEGRITY' });
    refuseUnwanted(found('acme', 'registry', 'sha512-one'), before, options);
    refuseUnwanted(found('acme', 'registry', 'sha512-two'), { ...before, version: '0.9.0' }, options);
    // Whoever writes a plugin packs the same version again and again.
    refuseUnwanted(found('acme', 'tarball', 'sha512-two'), pinned('1.0.0', { kind: 'tarball', file: 'a.tgz' }, 'sha512-one'), options);
  });

  it('is not taken unattended when its signatures did not hold', () => {
    const found = { content: { id: 'acme', version: '1.0.0' }, provenance: 'failed', notes: ['wrong key'] } as unknown as Parameters<
      typeof refuseFailedProvenance
    >[0];
    assert.throws(() => refuseFailedProvenance(found, true), { code: 'PROVENANCE_FAILED', message: /wrong key/ });
    refuseFailedProvenance(found, false);
    refuseFailedProvenance({ ...found, provenance: 'none' }, true);
  });

  it('is held to an allow-list', async () => {
    const allowed = await readPermissions('{"hosts":["*.acme.example"]}', '--allow-permissions');
    await refuseBeyond('acme', { hosts: ['api.acme.example'] }, allowed);
    await assert.rejects(refuseBeyond('acme', { hosts: ['api.acme.example', 'evil.example'], data: ['personal'] }, allowed), {
      code: 'PERMISSIONS_BEYOND_ALLOWED',
      message: /evil\.example[\s\S]*personal/,
    });
    await assert.rejects(readPermissions('{"host":[]}', '--grant'), { name: 'CommandFault', message: /--grant.*host/ });
  });
});

describe('changing the lock', () => {
  it('is for one command at a time, and takes over from one that died', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tendril-turn-'));
    try {
      const place = pluginHomeOf(findHome({ TENDRIL_HOME: folder }));
      const busy = `${place.lockFile}.busy`;
      await changeLock(place, async (lock: LockFile) => {
        assert.ok(existsSync(busy));
        await assert.rejects(
          changeLock(place, () => Promise.resolve(undefined)),
          { code: 'BUSY' },
        );
        return lock;
      });
      assert.ok(!existsSync(busy));
      assert.deepEqual(JSON.parse(readFileSync(place.lockFile, 'utf8')), { lockVersion: 1, plugins: {} });
      writeFileSync(busy, '999999999');
      await changeLock(place, () => Promise.resolve(undefined));
      await assert.rejects(
        changeLock(place, () => Promise.reject(new Error('no'))),
        /no/,
      );
      assert.ok(!existsSync(busy));
      mkdirSync(join(folder, 'plugins'));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('the plan of an upgrade without a hub', () => {
  it('says what the manifests say', () => {
    const manifest = (permissions: object, actions: object, breakingChanges: readonly object[] = []) =>
      ({ id: 'acme', title: 'Acme', engines: { tendril: '*' }, permissions, contributes: { actions }, breakingChanges }) as never;
    const change = (version: string) => ({ version, change: 'Old is gone.', guide: 'Use new.', by: '2027-01-01' });
    const plan = planOfManifests(
      { version: '1.0.0', manifest: manifest({ hosts: ['a.example'] }, { old: {}, same: {}, other: { a: 1 } }) },
      {
        version: '2.0.0',
        manifest: manifest({ hosts: ['b.example'] }, { fresh: {}, same: {}, other: { a: 2 } }, [
          change('1.0.0'),
          change('2.0.0'),
          change('3.0.0'),
        ]),
      },
    );
    assert.deepEqual(planLines({ plan, isOfHub: false }), [
      'It may do more:',
      '  May reach b.example',
      'It no longer may:',
      '  May reach a.example',
      'New:',
      '  actions: fresh',
      'Gone:',
      '  actions: old',
      'Changed:',
      '  actions: other',
      'Breaking changes:',
      '  2.0.0: Old is gone. Use new. (the old way works until 2027-01-01)',
      'No hub was asked: pipelines and runs that it touches are not known.',
    ]);
    assert.equal(plan.consentNeeded, true);
  });
});
