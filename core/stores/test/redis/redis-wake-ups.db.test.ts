import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { missingRedis, startRedis, testWakeUps } from '@tendril/testkit/wake-ups';
import type { RedisServer } from '@tendril/testkit/wake-ups';
import { createRedisWakeUps } from '../../src/redis/redis-wake-ups.ts';

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

describe('wake-ups on a real Redis', function () {
  this.timeout(60_000);
  let server: RedisServer | undefined;
  let prefixes = 0;

  before(async function () {
    const missing = await missingRedis();
    if (missing !== undefined) {
      process.stderr.write(`skipped: ${missing}\n`);
      this.skip();
    }
    server = await startRedis();
  });
  after(async () => {
    await server?.stop();
  });

  testWakeUps('BullMQ', async () => {
    assert.ok(server);
    const redis = server;
    prefixes += 1;
    const prefix = `test-${String(prefixes)}`;
    return Promise.resolve({
      connect: (roles) => createRedisWakeUps({ url: redis.url, log, prefix, ...(roles === undefined ? {} : { roles }) }),
      lose: () => redis.kill(),
      restore: () => redis.start(),
      close: async () => Promise.resolve(),
    });
  });

  it('refuses an address that is none, without telling the password in it', () => {
    assert.throws(
      () => createRedisWakeUps({ url: 'mysql://user:secret@host/1', log }),
      (error) => TendrilError.is(error) && error.code === 'CONFIG_INVALID' && !JSON.stringify(error.details).includes('secret'),
    );
  });
});
