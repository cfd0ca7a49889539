import assert from 'node:assert/strict';
import type { JsonObject } from '@tendril/plugin-api';
import type { PluginFault } from '../../src/hub.ts';
import { checkManifests } from '../../src/plugins/index.ts';
import type { PluginSource } from '../../src/plugins/index.ts';
import { anyAction, source } from './fixture.ts';

const check = (...sources: readonly PluginSource[]) => checkManifests(sources, '0.1.0');
const told = ({ plugin, pointer, message, suggestion }: PluginFault): string =>
  `${plugin} ${pointer} ${message}${suggestion === undefined ? '' : ` (${suggestion})`}`;
async function faultsOf(manifest: JsonObject, extra: Parameters<typeof source>[2] = {}): Promise<readonly string[]> {
  const { faults } = await check(source({ id: 'acme', ...manifest }, undefined, extra));
  return faults.map(told);
}

describe('checking manifests', () => {
  it('passes a sound one, with the defaults of its schemas', async () => {
    const config = {
      type: 'object',
      additionalProperties: false,
      properties: { windowSeconds: { type: 'integer', minimum: 1, default: 3600 } },
    };
    const { plugins, faults } = await check(source({ id: 'acme', config }));
    assert.deepEqual(faults, []);
    const settings = {};
    assert.deepEqual(plugins[0]?.schemas.settings.validate(settings), []);
    assert.deepEqual(settings, { windowSeconds: 3600 });
  });

  it('names every fault of every plugin at once', async () => {
    const { plugins, faults } = await check(
      source({ id: 'one', titel: 'x', contributes: { actions: { put: { title: 'Put', effect: 'wrote', input: {}, output: {} } } } }),
      source({ id: 'two', engines: { tendril: '^7.0.0' } }),
      source({ id: 'three' }, undefined, { manifest: '{ "id": "three", ' }),
      source({ id: 'four' }),
    );
    assert.deepEqual(
      plugins.map(({ id }) => id),
      ['four'],
    );
    assert.deepEqual(
      new Set(faults.map(({ plugin, file, code }) => `${plugin} ${file} ${code}`)),
      new Set(['one', 'two', 'three'].map((id) => `${id} plugins/${id}/plugin.json MANIFEST_INVALID`)),
    );
    assert.ok(faults.map(told).some((fault) => fault.startsWith('one /titel is not allowed here')));
    assert.ok(
      faults
        .map(told)
        .some((fault) => fault.startsWith('one /contributes/actions/put/effect must be one of "read", "write", "send", "spend"')),
    );
    assert.ok(faults.map(told).includes('two /engines/tendril does not include the contract that this host speaks, 0.1.0 (^0.1.0)'));
  });

  it('wants the same word in folder, package and manifest', async () => {
    assert.deepEqual(await faultsOf({}, { folder: 'other', packageJson: { name: '@tendril/plugin-another', version: '1.0' } }), [
      'acme /id differs from the folder, other',
      'acme /id differs from the suffix of the package name (@tendril/plugin-acme)',
      'acme /id package.json states no semantic version',
    ]);
  });

  it('refuses two plugins of one id', async () => {
    const { plugins, faults } = await check(
      source({ id: 'acme' }),
      source({ id: 'acme' }, undefined, { file: 'elsewhere/plugin.json' }),
      source({ id: 'other' }),
    );
    assert.deepEqual([plugins.map(({ id }) => id), faults.length], [['other'], 2]);
  });

  describe('schemas', () => {
    const withInput = (input: JsonObject, members: JsonObject = {}): JsonObject => ({
      contributes: { actions: { go: anyAction({ input, ...members }) } },
    });

    it('takes files of the package in, also from files', async () => {
      const files = {
        'schema/in.json': JSON.stringify({
          type: 'object',
          properties: { address: { $ref: './parts/address.json' }, other: { $ref: '#/$defs/short' } },
          $defs: { short: { type: 'string', maxLength: 3 } },
        }),
        'schema/parts/address.json': JSON.stringify({
          type: 'object',
          required: ['city'],
          properties: { city: { $ref: '#/$defs/city' } },
          $defs: { city: { type: 'string' } },
        }),
      };
      const { plugins, faults } = await check(source({ id: 'acme', ...withInput({ $ref: './schema/in.json' }) }, undefined, { files }));
      assert.deepEqual(faults, []);
      const input = plugins[0]?.schemas.actions.get('go')?.input;
      assert.ok(input);
      assert.deepEqual(input.validate({ address: { city: 'Rome' }, other: 'abc' }), []);
      assert.deepEqual(
        input
          .validate({ address: { city: 7 }, other: 'abcd' })
          .map(({ pointer }) => pointer)
          .toSorted(),
        ['/address/city', '/other'],
      );
    });

    for (const reference of [
      '../secret.json',
      '/etc/passwd',
      'https://evil.example/schema.json',
      'file:///etc/passwd',
      './a/../../b.json',
      '.\\..\\x.json',
      './%2e%2e/x.json',
    ]) {
      it(`refuses a reference out of the package: ${reference}`, async () => {
        assert.deepEqual(await faultsOf(withInput({ $ref: reference })), [
          'acme /contributes/actions/go/input/$ref must name a file of the package (./schema/name.schema.json)',
        ]);
      });
    }

    it('names a file that is not there, and one that is not JSON', async () => {
      const faults = await faultsOf(withInput({ type: 'object', properties: { a: { $ref: './a.json' }, b: { $ref: './b.json' } } }), {
        files: { 'b.json': '{' },
      });
      assert.deepEqual(faults, [
        'acme /contributes/actions/go/input/properties/a/$ref names a.json, which cannot be read',
        'acme /contributes/actions/go/input/properties/b/$ref names b.json, which is not JSON',
      ]);
    });

    it('refuses what is no strict JSON Schema', async () => {
      const [fault] = await faultsOf(withInput({ type: 'object', propertys: {} }));
      assert.match(fault ?? '', /^acme \/contributes\/actions\/go\/input is no strict JSON Schema \(2020-12\): .*propertys/);
    });

    it('holds examples against their schemas', async () => {
      const input = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } };
      assert.deepEqual(await faultsOf(withInput(input, { examples: [{ input: { id: 'a' } }, { input: { id: 3 } }] })), [
        'acme /contributes/actions/go/examples/1/input/id must be string',
      ]);
    });
  });

  it('holds contributions and permissions against each other', async () => {
    const table = {
      key: 'idd',
      schema: { type: 'object', properties: { id: { type: 'string' } } },
      personal: ['email'],
      indexes: { by_size: { fields: ['size'] } },
    };
    const faults = await faultsOf({
      connections: { account: { type: 'apiKey', title: 'Account', schema: { type: 'object' }, test: 'verify' } },
      permissions: { connections: ['acount'], events: { read: ['Order Completed'] } },
      contributes: {
        actions: {
          verify: anyAction({ effect: 'write', idempotency: 'natural', connection: 'acount' }),
          send: anyAction({ effect: 'send', idempotency: 'none', send: { person: '/person', channel: 'mail', address: '/traits/email' } }),
          buy: anyAction({ effect: 'spend', idempotency: 'none', spend: { amount: '/amount', currency: '/currency' } }),
        },
        consumers: { follow: { title: 'Follow', events: ['Order Complete'], derives: ['things', 'thing'] } },
        tables: { things: table },
        panels: { count: { title: 'Count', view: 'number', action: 'verify' } },
      },
    });
    assert.deepEqual(faults, [
      'acme /contributes/actions/verify/connection names acount, which is no kind of connection of this manifest (account)',
      'acme /contributes/actions/send/send/channel is neither contributed nor among permissions.channels',
      'acme /contributes/actions/buy/spend needs permissions.money',
      'acme /permissions/connections/0 names acount, which is no kind of connection of this manifest (account)',
      'acme /connections/account/test must name a `read` action of this plugin',
      'acme /contributes/consumers/follow/events/0 is not among permissions.events.read (Order Completed)',
      'acme /contributes/consumers/follow/derives/1 names thing, which is no table of this manifest (things)',
      'acme /contributes/tables/things needs `tables` among permissions.storage',
      'acme /contributes/tables/things/key names idd, which the schema does not (id)',
      'acme /contributes/tables/things/personal/0 names email, which the schema does not',
      'acme /contributes/tables/things/indexes/by_size/fields/0 names size, which the schema does not',
      'acme /contributes/panels/count/action must name a `read` action of this plugin',
    ]);
  });

  describe('requirements', () => {
    const provider = source({ id: 'people', contributes: { actions: { get: anyAction({ implements: 'people.get@1' }) } } });

    it('come before those that require them', async () => {
      const { plugins, faults } = await check(
        source({ id: 'top', requires: { plugins: { middle: '^1.0.0' } } }),
        source({ id: 'middle', requires: { actions: ['people.get'], capabilities: ['people.get@1'] } }),
        provider,
      );
      assert.deepEqual([faults, plugins.map(({ id }) => id)], [[], ['people', 'middle', 'top']]);
    });

    it('that are missing or of another version are named, and those above them', async () => {
      const { plugins, faults } = await check(
        provider,
        source({ id: 'a', requires: { plugins: { peple: '*' } } }),
        source({ id: 'b', requires: { plugins: { people: '^2.0.0' } } }),
        source({ id: 'c', requires: { actions: ['people.gett'], capabilities: ['people.get@2'] } }),
        source({ id: 'd', requires: { plugins: { c: '*' } } }),
      );
      assert.deepEqual(
        plugins.map(({ id }) => id),
        ['people'],
      );
      assert.deepEqual(faults.map(told), [
        'a /requires/plugins/peple no sound plugin peple is installed (people)',
        'b /requires/plugins/people people is installed in version 1.2.0',
        'c /requires/actions/0 no sound plugin contributes people.gett (get)',
        'c /requires/capabilities/0 no sound plugin implements people.get@2 (people.get@1)',
        'd /requires/plugins/c no sound plugin c is installed',
      ]);
      assert.ok(faults.every(({ code }) => code === 'PLUGIN_REQUIREMENT_MISSING'));
    });

    it('in a circle are refused', async () => {
      const { plugins, faults } = await check(
        source({ id: 'a', requires: { plugins: { b: '*' } } }),
        source({ id: 'b', requires: { plugins: { a: '*' } } }),
        provider,
      );
      assert.deepEqual(
        [plugins.map(({ id }) => id), faults.map(told)],
        [['people'], ['a /requires requires itself, through b', 'b /requires requires itself, through a']],
      );
    });

    it('of a consumer are those it must not pass', async () => {
      const consumer = { title: 'Follow', events: ['*'], after: 'profiles' };
      const { faults } = await check(
        source({ id: 'leads', permissions: { events: { read: ['*'] } }, contributes: { consumers: { follow: consumer } } }),
      );
      assert.deepEqual(faults.map(told), ['leads /contributes/consumers/follow/after no sound plugin profiles has a consumer `project`']);
    });
  });
});
