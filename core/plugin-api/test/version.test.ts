import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { CONTRACT_VERSION } from '@tendril/plugin-api';

describe('CONTRACT_VERSION', () => {
  it('is the version of the package', () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string };
    assert.equal(CONTRACT_VERSION, version);
  });
});
