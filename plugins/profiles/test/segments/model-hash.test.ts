import assert from 'node:assert/strict';
import type { Definition } from '../../src/segments/definition.ts';
import { hashOf } from '../../src/segments/model.ts';

const next = { version: 1, condition: 'true', position: 7, at: 0, isEvaluated: true };
const definition: Definition = { id: 'segment:all', kind: 'segment', name: 'all', latest: 1, savedAt: 0, next };

describe('the hash of definitions', () => {
  it('stays while one is being prepared, so that nothing is compiled anew for how far that is', () => {
    const further = { ...definition, next: { ...next, cursor: 'p0000000001', done: 500 } };
    assert.equal(hashOf([further], []), hashOf([definition], []));
  });

  it('is another with another condition, and once people can be sorted by it', () => {
    const hash = hashOf([definition], []);
    assert.notEqual(hashOf([{ ...definition, next: { ...next, condition: 'false' } }], []), hash);
    assert.notEqual(hashOf([{ ...definition, next: { ...next, isEvaluated: false } }], []), hash);
  });
});
