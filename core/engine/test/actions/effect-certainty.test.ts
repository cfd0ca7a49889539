import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { isWithoutEffect } from '../../src/actions/effect-certainty.ts';
import { isRefusal, keepError } from '../../src/pipelines/runs/kept-error.ts';

describe('certainty about an effect', () => {
  it('is there when the service refused, and when the handler says so', () => {
    for (const error of [
      new TendrilError('UPSTREAM_REJECTED'),
      new TendrilError('UPSTREAM_THROTTLED'),
      new TendrilError('UPSTREAM_UNAVAILABLE', { isWithoutEffect: true }),
    ]) {
      assert.ok(isWithoutEffect(error) && isRefusal(keepError(error)), error.code);
    }
  });

  it('is not there after a cut connection, a timeout or a fault', () => {
    for (const error of [
      new TendrilError('UPSTREAM_UNAVAILABLE'),
      new TendrilError('ACTION_TIMEOUT'),
      new TendrilError('PLUGIN_FAULTY', { isWithoutEffect: 'yes' }),
      new TendrilError('UPSTREAM_THROTTLED', { isWithoutEffect: false }),
      new TendrilError('ACTION_INPUT_INVALID', { isWithoutEffect: false }),
    ]) {
      assert.ok(!isWithoutEffect(error) && !isRefusal(keepError(error)), error.code);
    }
  });
});
