import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import type { ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { listProperties } from '../src/actions/list-properties.ts';
import { test } from '../src/actions/test.ts';
import { upsertContact } from '../src/actions/upsert-contact.ts';
import { startHubSpotSandbox } from './sandbox-call.ts';
import type { Exchange, HubSpotSandbox } from './sandbox-call.ts';

// The vendor's descriptions are measuring material beside the repository and not part of it.
const FOLDER = join(import.meta.dirname, '../../../../shared/vendor-specs/hubspot');

type Schema = Readonly<Record<string, unknown>>;
interface Media {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
  readonly $ref?: string;
}
interface Operation {
  readonly requestBody?: Media;
  readonly responses: Readonly<Record<string, Media>>;
}
interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: object; readonly responses?: Readonly<Record<string, Media>> };
}

interface Judge {
  readonly description: Description;
  readonly ajv: Ajv;
}

/** The description's path of each address that the connector calls. */
const PLACES: readonly { readonly path: RegExp; readonly file: string; readonly template: string }[] = [
  { path: /^\/crm\/v3\/objects\/contacts\/batch\/upsert$/, file: 'contacts.v3.json', template: '/crm/v3/objects/contacts/batch/upsert' },
  { path: /^\/crm\/v3\/objects\/contacts$/, file: 'contacts.v3.json', template: '/crm/v3/objects/contacts' },
  { path: /^\/crm\/v3\/objects\/contacts\/[^/]+$/, file: 'contacts.v3.json', template: '/crm/v3/objects/contacts/{contactId}' },
  // The library asks at v3; the published description is of the dated version with the same shapes.
  { path: /^\/crm\/v3\/properties\/contacts$/, file: 'properties.json', template: '/crm/properties/2026-09/{objectType}' },
  { path: /^\/oauth\/v3\/token$/, file: 'oauth.v3.json', template: '/oauth/v3/token' },
];

function openJudge(file: string): Judge {
  // OpenAPI 3.0 writes examples as `null` and integers of 64 bits as formats: neither says anything about validity.
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const description = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Description;
  ajv.addSchema({ $id: `https://vendor.invalid/${file}`, components: description.components });
  return { description, ajv };
}

function schemaOf(judge: Judge, media: Media | undefined): Schema | undefined {
  const name = media?.$ref?.split('/').at(-1);
  const resolved = name === undefined ? media : judge.description.components.responses?.[name];
  return Object.values(resolved?.content ?? {})[0]?.schema;
}

function absolute(schema: Schema, file: string): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/', `"https://vendor.invalid/${file}#/`));
}

const isThere = existsSync(join(FOLDER, 'contacts.v3.json'));

describe(`hubspot against the vendor's description${isThere ? '' : ' (skipped: its files are not beside the repository)'}`, function () {
  this.timeout(30_000);
  const judges = new Map<string, Judge>();
  let sandbox: HubSpotSandbox;
  before(async function () {
    sandbox = await startHubSpotSandbox();
    if (!isThere) this.skip();
  });
  after(() => sandbox.close());

  function judge(exchange: Exchange): void {
    const place = PLACES.find(({ path }) => path.test(exchange.url.pathname));
    assert.ok(place, `${exchange.url.pathname} is described`);
    const held = judges.get(place.file) ?? openJudge(place.file);
    judges.set(place.file, held);
    const operation = held.description.paths[place.template]?.[exchange.method.toLowerCase()];
    assert.ok(operation, `${exchange.method} ${place.template} is described`);
    const parts: readonly (readonly [string, Media | undefined, unknown])[] = [
      ['request', operation.requestBody, exchange.requestBody],
      ['answer', operation.responses[String(exchange.status)] ?? operation.responses['default'], exchange.responseBody],
    ];
    for (const [part, media, value] of parts) {
      const schema = schemaOf(held, media);
      if (schema === undefined) {
        assert.equal(part === 'request' ? value : undefined, undefined, 'no body where none is described');
        continue;
      }
      const validate: ValidateFunction = held.ajv.compile(absolute(schema, place.file) as object);
      assert.ok(
        validate(value),
        `${part} of ${exchange.method} ${place.template} (${String(exchange.status)}): ${JSON.stringify(validate.errors)}`,
      );
    }
  }

  it('holds for every request of the connector and every answer to it', async () => {
    const contact = { email: 'ada@example.invalid', firstName: 'Ada', fields: { tendril_probability: 0.5, tendril_opted_in: true } };
    await upsertContact(contact, sandbox.call());
    await upsertContact({ ...contact, city: null }, sandbox.call());
    await listProperties({}, sandbox.call());
    await test({}, sandbox.call());
    for (const kind of ['throttle', 'throttle_daily', 'unauthorized', 'forbidden', 'server_error', 'unavailable'] as const) {
      await sandbox.fault(kind);
      await assert.rejects(upsertContact(contact, sandbox.call()));
    }
    await assert.rejects(upsertContact({ ...contact, fields: { nope: 1 } }, sandbox.call()));
    assert.equal(sandbox.exchanges.length, 11);
    for (const exchange of sandbox.exchanges) judge(exchange);
  });

  it("holds for the token endpoint, and for the sandbox's other addresses", async () => {
    judge(await sandbox.refresh());
    const { fetch } = sandbox.call();
    const post = (path: string, body: object, method = 'POST') =>
      fetch(`${sandbox.url}${path}`, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
    const from = sandbox.exchanges.length;
    const create = { properties: { email: 'grace@example.invalid' }, associations: [] };
    assert.deepEqual(
      [(await post('/crm/v3/objects/contacts', create)).status, (await post('/crm/v3/objects/contacts', create)).status],
      [201, 409],
    );
    assert.equal(
      (await post('/crm/v3/objects/contacts/grace%40example.invalid?idProperty=email', { properties: { city: 'New York' } }, 'PATCH'))
        .status,
      200,
    );
    assert.equal((await fetch(`${sandbox.url}/crm/v3/objects/contacts/999`)).status, 404);
    assert.equal((await post('/crm/v3/objects/contacts/batch/upsert', { inputs: [{ id: 'x', properties: {} }] })).status, 400);
    // A refused request is wrong on purpose: only the answer to it is held against the description.
    for (const exchange of sandbox.exchanges.slice(from))
      judge({ ...exchange, ...(exchange.status === 400 && { requestBody: { inputs: [] } }) });
  });

  it('notices a wrong answer', () => {
    const [good] = sandbox.exchanges;
    assert.ok(good);
    assert.throws(() => judge({ ...good, responseBody: { results: [{ id: 7 }] } }));
    assert.throws(() => judge({ ...good, requestBody: { inputs: [{ properties: {} }] } }));
  });
});
