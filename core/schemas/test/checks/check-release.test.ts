import assert from 'node:assert/strict';
import { checkRelease, compareManifests } from '../../src/index.ts';
import type { Manifest } from '../../src/index.ts';

type Members = Readonly<Record<string, unknown>>;

const text = { type: 'string' };
const shut = (properties: Members, required: readonly string[] = []): Members => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});
const ACTION = {
  title: 'Put',
  effect: 'write',
  idempotency: 'natural',
  connection: ['a', 'b'],
  input: shut({ email: text }),
  output: shut({ id: text }, ['id']),
};
const SOUND = {
  id: 'acme',
  title: 'Acme',
  engines: { tendril: '^0.1.0' },
  config: shut({ region: text }),
  connections: {
    a: { type: 'apiKey', title: 'A', schema: shut({ key: text }) },
    b: { type: 'apiKey', title: 'B', schema: shut({ key: text }) },
  },
  permissions: { hosts: ['api.acme.example'], events: { read: ['A'] } },
  contributes: {
    actions: { put: ACTION },
    triggers: { added: { title: 'Added', kind: 'poll', every: '1m', primaryKey: '/id', output: shut({ id: text }, ['id']) } },
    channels: { chat: { title: 'Chat', action: 'put', address: '/traits/chat' } },
    events: { 'Deal Won': { properties: shut({ amount: { type: 'number' } }) } },
    routes: { orders: { method: 'GET', path: '/orders', auth: 'session', output: shut({ id: text }) } },
    webhooks: { in: { title: 'In', verify: 'hmac_sha256', header: 'x-signature', secret: 'key' } },
    tables: { rows: { key: 'id', schema: shut({ id: text, name: text }, ['id']) } },
    drivers: { model: { title: 'Model', contract: 'embeddings' } },
  },
};

/** The sound manifest with one member replaced, or left out. */
function changed(path: string, value: unknown): Manifest {
  const manifest = structuredClone(SOUND) as unknown as Record<string, unknown>;
  const names = path.split('/').slice(1);
  const last = names.pop() ?? '';
  let place = manifest;
  for (const name of names) place = (place[name] ??= {}) as Record<string, unknown>;
  if (value === undefined) Reflect.deleteProperty(place, last);
  else place[last] = value;
  return manifest as unknown as Manifest;
}

const sound = changed('/title', 'Acme');

const BREAKING: readonly (readonly [string, unknown, RegExp])[] = [
  ['/contributes/actions/put', undefined, /^\/contributes\/actions\/put the action is gone/],
  ['/contributes/actions/put/input', shut({ email: text }, ['email']), /\/actions\/put\/input email is required now/],
  ['/contributes/actions/put/input', shut({}), /\/actions\/put\/input email is not taken any more/],
  ['/contributes/actions/put/output', shut({ id: text }), /\/actions\/put\/output may be what it could not be before \(required\)/],
  [
    '/contributes/actions/put/output',
    shut({ id: { type: ['string', 'null'] } }, ['id']),
    /\/actions\/put\/output \/id may be what .* \(type\)/,
  ],
  ['/contributes/actions/put/output', shut({}), /id is gone/],
  ['/contributes/actions/put/effect', 'read', /effect is `read` and was `write`/],
  ['/contributes/actions/put/idempotency', 'none', /idempotency is `none` and was `natural`/],
  ['/contributes/actions/put/connection', 'a', /no connection of kind `b` any more/],
  ['/contributes/triggers/added', undefined, /the trigger is gone/],
  ['/contributes/triggers/added/primaryKey', '/key', /primaryKey is/],
  ['/contributes/triggers/added/output', shut({ id: { type: 'number' } }, ['id']), /\/triggers\/added\/output \/id/],
  ['/contributes/channels/chat', undefined, /the channel is gone/],
  ['/contributes/events/Deal Won/properties', shut({ amount: text }), /\/events\/Deal Won\/properties/],
  ['/contributes/events/Deal Won', undefined, /the event is gone/],
  ['/contributes/routes/orders/auth', 'secret_key', /auth is/],
  ['/contributes/webhooks/in/header', 'x-other', /header is/],
  ['/contributes/tables/rows', undefined, /the table is gone/],
  ['/contributes/tables/rows/schema', shut({ id: text }, ['id']), /the column name is gone/],
  ['/contributes/tables/rows/schema', shut({ id: text, name: text }, ['id', 'name']), /rows that are there .* name is required now/],
  ['/contributes/drivers/model/contract', 'text_generation', /contract is/],
  ['/connections/a', undefined, /the kind of connection is gone/],
  ['/connections/a/schema', shut({ key: text, region: text }, ['region']), /region is required now/],
  ['/config', shut({ region: text }, ['region']), /^\/config region is required now/],
  ['/requires/capabilities', ['crm.upsert@1'], /`crm.upsert@1` has to be there now/],
  ['/requires/plugins', { profiles: '^1.0.0' }, /profiles has to be there/],
];

const BROADENING: readonly (readonly [string, unknown])[] = [
  ['/permissions/hosts', ['api.acme.example', 'more.acme.example']],
  ['/permissions/connections', ['a']],
  ['/permissions/events/read', ['A', 'B']],
  ['/permissions/events/write', ['B']],
  ['/permissions/actions', ['x.y']],
  ['/permissions/storage', ['kv']],
  ['/permissions/data', ['personal']],
  ['/permissions/money', { currencies: ['EUR'] }],
];

const HARMLESS: readonly (readonly [string, unknown])[] = [
  ['/title', 'Another title'],
  ['/contributes/actions/more', ACTION],
  ['/contributes/actions/put/input', shut({ email: text, name: text })],
  ['/contributes/actions/put/output', shut({ id: text, name: text }, ['id'])],
  ['/contributes/actions/put/connection', ['b', 'a', 'c']],
  ['/contributes/actions/put/implements', 'crm.put@1'],
  ['/contributes/tables/rows/schema', shut({ id: text, name: text, more: text }, ['id'])],
  ['/config', shut({ region: text, size: { type: 'integer', default: 1 } }, ['size'])],
  ['/permissions/hosts', []],
  ['/permissions/events', {}],
];

describe('compareManifests', () => {
  for (const [path, value, says] of BREAKING) {
    it(`finds that ${path} breaks: ${says.source}`, () => {
      const changes = compareManifests(sound, changed(path, value));
      assert.ok(changes.every(({ weight }) => weight === 'breaking'));
      assert.match(changes.map(({ pointer, message }) => `${pointer} ${message}`).join('\n'), says);
    });
  }

  for (const [path, value] of BROADENING) {
    it(`finds that ${path} asks for more`, () => {
      assert.deepEqual(
        compareManifests(sound, changed(path, value)).map(({ weight }) => weight),
        ['broadening'],
      );
    });
  }

  for (const [path, value] of HARMLESS) {
    it(`finds nothing in ${path} = ${JSON.stringify(value)}`, () => {
      assert.deepEqual(compareManifests(sound, changed(path, value)), []);
    });
  }

  it('lets a migration make rows valid', () => {
    const rows = {
      key: 'id',
      version: 2,
      schema: shut({ id: text, name: text }, ['id', 'name']),
      migrations: [{ version: 2, set: { name: '' } }],
    };
    assert.deepEqual(compareManifests(sound, changed('/contributes/tables/rows', rows)), []);
  });
});

describe('checkRelease', () => {
  const broken = changed('/contributes/actions/put', undefined);
  const broader = changed('/permissions/hosts', ['*.acme.example']);
  const told = (version: string): Manifest => ({
    ...broken,
    breakingChanges: [{ version, change: 'put is gone', guide: 'use set', by: '2027-01-01' }],
  });
  const messages = (before: string, after: string, manifest: Manifest): readonly string[] =>
    checkRelease({ version: before, manifest: sound }, { version: after, manifest }).map(
      ({ file, message, mend }) => `${file} ${message}: ${mend}`,
    );

  it('wants a breaking change told and numbered', () => {
    assert.equal(messages('1.2.3', '1.3.0', broken).length, 2);
    assert.match(messages('1.2.3', '1.3.0', told('1.3.0')).join(), /^package.json is 1.3.0, .*: choose 2.0.0$/);
    assert.match(messages('1.2.3', '2.0.0', broken).join(), /^plugin.json the action is gone: take it back/);
    assert.deepEqual(messages('1.2.3', '2.0.0', told('2.0.0')), []);
    assert.deepEqual(messages('1.2.3', '3.0.0', told('2.0.0')), []);
    assert.equal(messages('1.2.3', '2.0.0', told('1.2.3')).length, 1);
    assert.equal(messages('1.2.3', '2.0.0', told('2.1.0')).length, 1);
  });

  it('takes the minor number for the major one before 1.0', () => {
    assert.deepEqual(messages('0.2.3', '0.3.0', told('0.3.0')), []);
    assert.match(messages('0.2.3', '0.2.4', told('0.2.4')).join(), /choose 0.3.0$/);
    assert.deepEqual(messages('0.2.3', '1.0.0', told('1.0.0')), []);
  });

  it('wants a minor version at least for what may do more', () => {
    assert.match(messages('1.2.3', '1.2.4', broader).join(), /\/permissions\/hosts `\*.acme.example` is new: choose 1.3.0$/);
    assert.deepEqual(messages('1.2.3', '1.3.0', broader), []);
    assert.deepEqual(messages('1.2.3', '2.0.0', broader), []);
  });

  it('takes no version back', () => {
    assert.match(messages('1.2.3', '1.2.2', sound).join(), /is 1.2.2, and 1.2.3 was published before/);
    assert.match(messages('1.2.3', 'soon', sound).join(), /cannot be compared/);
    assert.deepEqual(messages('1.2.3', '1.2.3', sound), []);
  });
});
