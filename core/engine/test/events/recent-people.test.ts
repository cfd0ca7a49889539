import assert from 'node:assert/strict';
import type { LoggedEvent } from '@tendril/plugin-api';
import { shareResolvedPeople } from '../../src/events/index.ts';

const event = (position: number): LoggedEvent => ({ position }) as LoggedEvent;

describe('followers that share whom events are about', () => {
  function recorder(answer: (position: number) => string | undefined = (position) => `p${String(position)}`) {
    const asked: string[] = [];
    const resolve = shareResolvedPeople(async (tenantId, events) => {
      asked.push(`${tenantId}:${events.map(({ position }) => position).join()}`);
      await Promise.resolve();
      return events.map(({ position }) => answer(position));
    });
    return { asked, resolve };
  }

  it('ask once for an event, also when they ask at the same moment', async () => {
    const { asked, resolve } = recorder();
    const answers = await Promise.all([resolve('a', [event(1), event(2)]), resolve('a', [event(2), event(3)]), resolve('a', [event(1)])]);
    assert.deepEqual(answers, [['p1', 'p2'], ['p2', 'p3'], ['p1']]);
    assert.deepEqual(asked, ['a:1,2', 'a:3']);
  });

  it('share nothing between tenants', async () => {
    const { asked, resolve } = recorder();
    await resolve('a', [event(1)]);
    await resolve('b', [event(1)]);
    assert.deepEqual(asked, ['a:1', 'b:1']);
  });

  it('ask again where nobody was found', async () => {
    let isThere = false;
    const { resolve } = recorder(() => (isThere ? 'p' : undefined));
    assert.deepEqual(await resolve('a', [event(1)]), [undefined]);
    isThere = true;
    assert.deepEqual(await resolve('a', [event(1)]), ['p']);
  });

  it('go on after a question that failed', async () => {
    let fails = true;
    const resolve = shareResolvedPeople(async (_tenant, events) => {
      if (fails) throw new Error('down');
      return events.map(() => 'p');
    });
    await assert.rejects(resolve('a', [event(1)]));
    fails = false;
    assert.deepEqual(await resolve('a', [event(1)]), ['p']);
  });

  it('remember a bounded number, and are right about the others', async () => {
    const { asked, resolve } = recorder();
    await resolve(
      'a',
      Array.from({ length: 25_000 }, (_, index) => event(index + 1)),
    );
    assert.deepEqual(await resolve('a', [event(1), event(25_000)]), ['p1', 'p25000']);
    assert.equal(asked.at(-1), 'a:1');
  });
});
