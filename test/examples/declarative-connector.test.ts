import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { runConformance } from '@tendril/testkit/conformance';

describe('examples/plugins/parcel_desk, which has no code', () => {
  it('passes the conformance kit: recordings, faults, duplicates, aborts, hosts', async () => {
    const states: string[] = [];
    for await (const { id, state, findings } of runConformance({
      folder: resolve(import.meta.dirname, '../../examples/plugins/parcel_desk'),
    })) {
      assert.notEqual(state, 'failed', `${id}: ${JSON.stringify(findings)}`);
      if (state === 'passed') states.push(id);
    }
    for (const id of [
      'recordings/list_parcels/two-pages',
      'faults/create_parcel/announced/throttled-seconds',
      'duplicates/create_parcel/announced',
      'egress',
    ])
      assert.ok(states.includes(id), id);
  });
});
