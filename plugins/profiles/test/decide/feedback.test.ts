import assert from 'node:assert/strict';
import type { PlaceSchema } from '../../src/gen/manifest.gen.ts';
import { decisionIdOf } from '../../src/decide/decision-id.ts';
import { placeDelete } from '../../src/decide/place-actions.ts';
import { placeResults } from '../../src/decide/place-results.ts';
import { createTenant, NOW, reportOf } from './decide-tenant.ts';

const HERO: PlaceSchema = {
  id: 'hero',
  kind: 'page_slot',
  fallback: {},
  candidates: [
    { id: 'a', content: {} },
    { id: 'b', content: {} },
  ],
};

function idOf(candidate: string, options: { person?: string; version?: number; isHoldout?: boolean } = {}): string {
  const { person = 'p1', version = 1, isHoldout = false } = options;
  return decisionIdOf({ place: 'hero', version, candidate, isHoldout }, person, NOW);
}

async function createWithHero() {
  const tenant = createTenant([{ id: 'p1' }, { id: 'p2' }]);
  await tenant.save(HERO);
  const results = async (version?: number) => {
    const { candidates } = await tenant.run((call) => placeResults({ id: 'hero', ...(version !== undefined && { version }) }, call));
    return new Map(candidates.map((result) => [result.candidate, result]));
  };
  return { tenant, results };
}

describe('what decisions led to', () => {
  it('is counted once for each decision and kind of report, in whatever order and however often it comes', async () => {
    const { tenant, results } = await createWithHero();
    const one = idOf('a');
    const two = idOf('a', { person: 'p2' });
    const shown = reportOf('Decision Shown', one, 'p1');
    const clicked = reportOf('Decision Clicked', one, 'p1', NOW + 1_000);
    await tenant.report(clicked, reportOf('Decision Shown', two, 'p2'));
    await tenant.report(shown, { ...shown, id: 'another delivery' }, clicked);
    await tenant.report(reportOf('Decision Dismissed', two, 'p2'));
    const {
      shown: times,
      clicked: clicks,
      dismissed,
      clickedRatio,
      clickedRatioLow,
      clickedRatioHigh,
    } = (await results()).get('a') ?? assert.fail();
    assert.deepEqual([times, clicks, dismissed, clickedRatio], [2, 1, 1, 0.5]);
    // Wilson, 1 of 2: 0.0945 to 0.9055
    assert.deepEqual([clickedRatioLow?.toFixed(4), clickedRatioHigh?.toFixed(4)], ['0.0945', '0.9055']);
    assert.deepEqual((await results()).get('b'), {
      candidate: 'b',
      isCurrent: true,
      shown: 0,
      clicked: 0,
      dismissed: 0,
      clickedRatio: null,
      clickedRatioLow: null,
      clickedRatioHigh: null,
    });
  });

  it('leaves out what no decision can have been', async () => {
    const { tenant, results } = await createWithHero();
    await tenant.report(
      reportOf('Decision Shown', idOf('c'), 'p1'),
      reportOf('Decision Shown', idOf('a', { version: 7 }), 'p1'),
      reportOf('Decision Shown', 'nonsense', 'p1'),
      reportOf('Decision Shown', { place: 'hero' }, 'p1'),
      reportOf('Decision Shown', idOf('a'), undefined),
      reportOf('Decision Shown', idOf('a').replace('.c.', '.f.'), 'p1'),
    );
    assert.deepEqual(
      [...(await results()).values()].map(({ shown }) => shown),
      [0, 0, 0],
    );
  });

  it('keeps versions apart, those who were held out, and candidates that are gone', async () => {
    const { tenant, results } = await createWithHero();
    await tenant.save({ ...HERO, candidates: [{ id: 'b', content: {} }] });
    await tenant.report(
      reportOf('Decision Clicked', idOf('a'), 'p1'),
      reportOf('Decision Shown', idOf('b'), 'p1'),
      reportOf('Decision Shown', idOf('b', { version: 2 }), 'p2'),
      reportOf('Decision Shown', idOf('b', { version: 2, isHoldout: true }), 'p1'),
      reportOf('Decision Shown', idOf('fallback', { version: 2 }), 'p1'),
    );
    const all = await results();
    assert.deepEqual([...all.keys()], ['b', 'fallback', 'a']);
    assert.deepEqual([all.get('a')?.isCurrent, all.get('a')?.clicked, all.get('b')?.shown, all.get('b')?.heldOut?.shown], [false, 1, 2, 1]);
    assert.equal(all.get('fallback')?.shown, 1);
    const second = await results(2);
    assert.deepEqual([second.get('b')?.shown, second.has('a')], [1, false]);
  });

  it('does not stop at a place that was deleted', async () => {
    const { tenant } = await createWithHero();
    await tenant.run((call) => placeDelete({ id: 'hero' }, call));
    await tenant.report(reportOf('Decision Shown', idOf('a'), 'p1'));
    await tenant.save(HERO);
    const { candidates } = await tenant.run((call) => placeResults({ id: 'hero' }, call));
    assert.equal(candidates[0]?.shown, 1);
  });
});
