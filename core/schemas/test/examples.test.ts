import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';

const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => void;
const folder = new URL('../schema/', import.meta.url);

interface Documented {
  readonly examples?: readonly unknown[];
  readonly 'x-counterexamples'?: readonly { readonly value: unknown; readonly because: string }[];
  readonly [keyword: string]: unknown;
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.schema.json'))) {
  describe(`core/schemas/schema/${file}`, () => {
    const schema = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Documented;
    const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false, strictTypes: false });
    addFormats(ajv);
    ajv.addKeyword('x-counterexamples');
    const validate = ajv.compile(schema);

    it('has examples, and they pass', () => {
      assert.ok(schema.examples?.length, 'no examples');
      for (const example of schema.examples) assert.ok(validate(example), JSON.stringify(validate.errors));
    });

    it('has counter-examples, and each fails', () => {
      assert.ok(schema['x-counterexamples']?.length, 'no counter-examples');
      for (const { value, because } of schema['x-counterexamples']) assert.equal(validate(value), false, because);
    });

    it('describes every property and says of every object whether it takes more', () => {
      assert.deepEqual(undescribed(schema), []);
    });
  });
}

/** Pointers of properties without a description of their own or of what they refer to. */
function undescribed(schema: unknown, path = '', found: string[] = []): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return found;
  for (const [name, value] of Object.entries(schema)) {
    if (name === 'examples' || name === 'x-counterexamples' || name === 'if' || name === 'then' || name === 'else' || name === 'not')
      continue;
    // A property that is itself called `properties` is not a keyword.
    if (name === 'properties' && !path.endsWith('/properties') && typeof value === 'object' && value !== null) {
      for (const [property, inner] of Object.entries(value as Record<string, Record<string, unknown>>)) {
        if (!inner['description'] && !inner['$ref']) found.push(`${path}/properties/${property}`);
      }
    }
    undescribed(value, `${path}/${name}`, found);
  }
  return found;
}
