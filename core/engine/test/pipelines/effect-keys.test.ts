import assert from 'node:assert/strict';
import { EMPTY_SCOPE } from '../../src/expressions/expression.ts';
import { effectKeyOf } from '../../src/pipelines/runs/steps/effect-memory.ts';

/** The key of the same step for the same address, under a tenant's index key. */
function keyUnder(indexKey: number, tenantId = 'acme'): string | undefined {
  const session = { tenantId, run: { pipeline: 'p', isTest: false }, tenant: { keys: { indexKey: new Uint8Array(32).fill(indexKey) } } };
  const step = { action: 'crm.a', idempotencyKey: () => 'ada@example.com' };
  return effectKeyOf(session as never, step as never, EMPTY_SCOPE);
}

describe('keys of effects', () => {
  it('cannot be worked out from an address without the key of the tenant', () => {
    assert.match(keyUnder(1) ?? '', /^key-[0-9a-f]{40}$/);
    assert.equal(keyUnder(1), keyUnder(1));
    assert.notEqual(keyUnder(1), keyUnder(2));
    assert.notEqual(keyUnder(1), keyUnder(1, 'other'));
  });
});
