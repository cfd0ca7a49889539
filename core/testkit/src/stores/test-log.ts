import assert from 'node:assert/strict';
import { eventOf, hasCode, keysOf } from './stores-fixture.ts';
import type { OpenStores } from './stores-fixture.ts';
import { withStores } from './with-stores.ts';

const HOUR_MS = 3_600_000;

/** The log's part of the contract. */
export function testLog(open: OpenStores): void {
  describe('the log', () => {
    it(
      'gives positions from 1 without gaps, and reads in their order',
      withStores(open, async ({ stores }) => {
        const log = stores.log.tenant(keysOf('acme'));
        assert.equal(await log.head(), 0);
        assert.deepEqual(await log.append([eventOf('a'), eventOf('b')]), [
          { position: 1, isDuplicate: false },
          { position: 2, isDuplicate: false },
        ]);
        assert.deepEqual(await log.append([eventOf('c')]), [{ position: 3, isDuplicate: false }]);
        assert.equal(await log.head(), 3);
        const events = await log.read(0, 10);
        assert.deepEqual(
          events.map(({ position }) => position),
          [1, 2, 3],
        );
        assert.deepEqual(
          events.map(({ payload }) => payload),
          [eventOf('a').payload, eventOf('b').payload, eventOf('c').payload],
        );
        assert.deepEqual(
          (await log.read(1, 1)).map(({ position }) => position),
          [2],
        );
        assert.deepEqual(await log.read(3, 10), []);
        assert.deepEqual(await log.append([]), []);
      }),
    );

    it(
      'answers a repeated message id with the position of the first: in one call, in another, after reopening',
      withStores(open, async ({ stores, reopen }) => {
        const log = stores.log.tenant(keysOf('acme'));
        assert.deepEqual(await log.append([eventOf('a'), eventOf('b'), eventOf('a')]), [
          { position: 1, isDuplicate: false },
          { position: 2, isDuplicate: false },
          { position: 1, isDuplicate: true },
        ]);
        assert.deepEqual(await log.append([eventOf('b'), eventOf('c')]), [
          { position: 2, isDuplicate: true },
          { position: 3, isDuplicate: false },
        ]);
        const again = (await reopen()).log.tenant(keysOf('acme'));
        assert.deepEqual(await again.append([eventOf('c'), eventOf('d')]), [
          { position: 3, isDuplicate: true },
          { position: 4, isDuplicate: false },
        ]);
        assert.equal(await again.head(), 4);
        assert.equal((await again.read(0, 10)).length, 4);
      }),
    );

    it(
      'knows a message id for 24 hours at least, however the tables turn',
      withStores(open, async ({ stores, clock }) => {
        const log = stores.log.tenant(keysOf('acme'));
        await log.append([eventOf('warm-up')]);
        for (let day = 0; day < 5; day += 1) {
          clock.advance(17 * HOUR_MS);
          await log.append([eventOf(`late-${String(day)}`)]);
          clock.advance(24 * HOUR_MS - 1);
          const [repeated] = await log.append([eventOf(`late-${String(day)}`)]);
          assert.deepEqual(repeated, { position: day + 2, isDuplicate: true });
        }
      }),
    );

    it(
      'gives each of many concurrent appends its own positions',
      withStores(open, async ({ stores }) => {
        const log = stores.log.tenant(keysOf('acme'));
        const calls = Array.from({ length: 60 }, (_, i) =>
          log.append([eventOf(`${String(i)}-x`), eventOf(`${String(i)}-y`), eventOf('shared')]),
        );
        const results = (await Promise.all(calls)).flat();
        const fresh = results.filter(({ isDuplicate }) => !isDuplicate).map(({ position }) => position);
        assert.deepEqual(
          fresh.toSorted((a, b) => a - b),
          Array.from({ length: 121 }, (_, i) => i + 1),
        );
        assert.equal(new Set(results.filter((_, i) => i % 3 === 2).map(({ position }) => position)).size, 1);
        assert.equal(await log.head(), 121);
      }),
    );

    it(
      'keeps two tenants apart: positions, message ids, people',
      withStores(open, async ({ stores }) => {
        const acme = stores.log.tenant(keysOf('acme'));
        const globex = stores.log.tenant({ ...keysOf('acme'), tenantId: 'globex' });
        await Promise.all([acme.append([eventOf('a'), eventOf('b')]), globex.append([eventOf('a', { payload: '{"of":"globex"}' })])]);
        assert.deepEqual(await globex.read(0, 10), [{ position: 1, payload: '{"of":"globex"}' }]);
        assert.deepEqual(await globex.readPerson(['userId:7'], 10), [{ position: 1, payload: '{"of":"globex"}' }]);
        assert.deepEqual(await globex.readLatest(10), [{ position: 1, payload: '{"of":"globex"}' }]);
        assert.equal((await acme.readPerson(['userId:7'], 10)).length, 2);
        assert.deepEqual(await globex.get([2]), [undefined]);
        assert.deepEqual(
          new Map([...(await stores.log.heads())].toSorted()),
          new Map([
            ['acme', 2],
            ['globex', 1],
          ]),
        );
      }),
    );

    it(
      'reads a person by several identities, newest first, page by page',
      withStores(open, async ({ stores }) => {
        const log = stores.log.tenant(keysOf('acme'));
        const people = ['anonymousId:x', 'userId:7', 'userId:8', 'anonymousId:x', 'userId:7'];
        await log.append([
          ...people.map((person, i) => eventOf(String(i), { person })),
          { messageId: 'none', kind: 'hub', name: 'tendril.x', appId: 'hub', occurredAt: 1, receivedAt: 1, payload: '{}' },
        ]);
        const positions = async (limit: number, before?: number): Promise<readonly number[]> =>
          (await log.readPerson(['userId:7', 'anonymousId:x'], limit, before)).map(({ position }) => position);
        assert.deepEqual(await positions(10), [5, 4, 2, 1]);
        assert.deepEqual(await positions(2), [5, 4]);
        assert.deepEqual(await positions(2, 4), [2, 1]);
        assert.deepEqual(await log.readPerson([], 10), []);
      }),
    );

    it(
      'reads the latest, of one name too, and single positions',
      withStores(open, async ({ stores }) => {
        const log = stores.log.tenant(keysOf('acme'));
        await log.append(['A', 'B', 'A', 'B'].map((name, i) => eventOf(String(i), { name })));
        const positions = (events: readonly ({ readonly position: number } | undefined)[]): readonly (number | undefined)[] =>
          events.map((event) => event?.position);
        assert.deepEqual(positions(await log.readLatest(3)), [4, 3, 2]);
        assert.deepEqual(positions(await log.readLatest(10, 3)), [2, 1]);
        assert.deepEqual(positions(await log.readLatest(10, undefined, 'A')), [3, 1]);
        assert.deepEqual(positions(await log.readLatest(10, 3, 'A')), [1]);
        assert.deepEqual(await log.readLatest(10, undefined, 'unknown'), []);
        assert.deepEqual(positions(await log.get([4, 9, 1, 0])), [4, undefined, 1, undefined]);
      }),
    );

    it(
      'tells of appends with the new head, and not of duplicates',
      withStores(open, async ({ stores }) => {
        const heard: [string, number][] = [];
        const stop = stores.log.onAppend((tenantId, head) => heard.push([tenantId, head]));
        const log = stores.log.tenant(keysOf('acme'));
        await log.append([eventOf('a'), eventOf('b')]);
        await log.append([eventOf('a')]);
        stop();
        await log.append([eventOf('c')]);
        assert.deepEqual(heard, [['acme', 2]]);
        assert.deepEqual(stores.log.status(), { waitingEvents: 0, waitingBytes: 0 });
      }),
    );

    it(
      'opens nothing with another key, and names a key that is missing',
      withStores(open, async ({ stores }) => {
        await stores.log.tenant(keysOf('acme')).append([eventOf('a')]);
        await assert.rejects(
          stores.log.tenant({ ...keysOf('acme'), dataKeys: keysOf('acme', 2).dataKeys }).read(0, 1),
          hasCode('VAULT_TAMPERED'),
        );
        await assert.rejects(
          stores.log.tenant({ ...keysOf('acme'), currentKeyId: 2, dataKeys: { 2: new Uint8Array(32) } }).read(0, 1),
          hasCode('VAULT_KEY_MISSING'),
        );
        await assert.rejects(
          stores.log.tenant({ ...keysOf('acme'), currentKeyId: 9 }).append([eventOf('b')]),
          hasCode('VAULT_KEY_MISSING'),
        );
        const log = stores.log.tenant(keysOf('acme'));
        assert.equal((await log.read(0, 10)).length, 1);
        assert.deepEqual(await log.append([eventOf('b')]), [{ position: 2, isDuplicate: false }]);
      }),
    );

    it(
      'keeps what was sealed by an older key readable beside the new one',
      withStores(open, async ({ stores }) => {
        const old = keysOf('acme');
        await stores.log.tenant(old).append([eventOf('a')]);
        const rotated = { ...old, currentKeyId: 2, dataKeys: { ...old.dataKeys, 2: new Uint8Array(32).fill(9) } };
        const log = stores.log.tenant(rotated);
        await log.append([eventOf('b')]);
        assert.equal((await log.read(0, 10)).length, 2);
        await assert.rejects(stores.log.tenant(old).read(1, 1), hasCode('VAULT_KEY_MISSING'));
      }),
    );
  });
}
