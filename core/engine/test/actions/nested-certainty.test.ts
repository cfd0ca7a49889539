import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { isWithoutEffect } from '../../src/actions/effect-certainty.ts';
import { isRefusal, keepError } from '../../src/pipelines/runs/kept-error.ts';
import { source } from '../plugins/fixture.ts';
import { request, startPath } from './fixture.ts';
import type { PathFixture } from './fixture.ts';

const action = (effect: string) => ({
  title: 'An action',
  effect,
  ...(effect === 'read' ? {} : { idempotency: 'none' }),
  input: { type: 'object' },
  output: true,
});

/** Actions that succeed, and one that its service refuses; `all` calls those that it is told to. */
const CHAIN = source(
  {
    id: 'chain',
    contributes: { actions: { look: action('read'), write: action('write'), refused: action('write'), all: action('write') } },
  },
  (host) => {
    host.action('look', async () => 1);
    host.action('write', async () => 2);
    host.action('refused', async () => {
      throw new TendrilError('UPSTREAM_THROTTLED', { isWithoutEffect: true });
    });
    host.action<{ readonly calls: readonly string[] }, null>('all', async ({ calls }, call) => {
      for (const name of calls) await call.actions.call(`chain.${name}`, {});
      return null;
    });
  },
);

describe('an action that calls others', () => {
  let fixture: PathFixture;
  before(async () => {
    fixture = await startPath([CHAIN]);
  });
  after(() => fixture.host.stop());

  for (const [calls, isCertain] of [
    [['refused'], true],
    [['look', 'refused'], true],
    [['write', 'refused'], false],
  ] as const)
    it(`had ${isCertain ? 'certainly no' : 'perhaps an'} effect when they are ${calls.join(', ')}`, async () => {
      await assert.rejects(fixture.path.execute(request('chain.all', { calls: [...calls] })), (error: unknown) => {
        assert.ok(TendrilError.is(error));
        assert.equal(error.code, 'UPSTREAM_THROTTLED');
        assert.equal(isWithoutEffect(error), isCertain);
        assert.equal(isRefusal(keepError(error)), isCertain);
        return true;
      });
    });
});
