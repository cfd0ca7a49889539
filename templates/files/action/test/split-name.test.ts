import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeCall } from '@tendril/testkit';
import { splitName } from '../src/actions/split-name.ts';
import type { Settings } from '../src/gen/manifest.gen.ts';

describe('{{id}}.split_name', () => {
  const split = (fullName: string, settings: Settings = {}) => splitName({ fullName }, fakeCall({ settings }));

  it('takes the last word as the family name', async () => {
    assert.deepEqual(await split('  Ada King  Lovelace '), { givenName: 'Ada King', familyName: 'Lovelace' });
  });

  it('takes the first word where the settings say so', async () => {
    assert.deepEqual(await split('Bartók Béla', { isFamilyNameFirst: true }), { givenName: 'Béla', familyName: 'Bartók' });
  });

  it('has no family name for one word', async () => {
    assert.deepEqual(await split('Ada'), { givenName: 'Ada' });
  });
});
