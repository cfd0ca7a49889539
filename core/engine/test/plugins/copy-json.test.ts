import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Json } from '@tendril/plugin-api';
import { copyJson } from '../../src/plugins/copy-json.ts';

describe('a copy of JSON', () => {
  it('is the same, whatever the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.deepEqual(copyJson(value as Json), value);
      }),
    );
  });

  it('shares no object with it', () => {
    const value = { list: [{ a: 1 }], inner: { b: 2 } };
    const copy = copyJson(value) as typeof value;
    copy.list[0] = { a: 7 };
    copy.inner.b = 7;
    assert.deepEqual(value, { list: [{ a: 1 }], inner: { b: 2 } });
  });

  it('keeps a member that is called as the prototype, as a member', () => {
    const copy = copyJson(JSON.parse('{"__proto__":{"isAdmin":true}}') as Json) as { readonly isAdmin?: boolean };
    assert.equal(copy.isAdmin, undefined);
    assert.equal(JSON.stringify(copy), '{"__proto__":{"isAdmin":true}}');
    assert.equal(Object.getPrototypeOf(copy), Object.prototype);
  });
});
