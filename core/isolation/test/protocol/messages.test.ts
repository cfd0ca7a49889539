import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { TendrilError } from '@tendril/plugin-api';
import { MessageError, readPluginMessage } from '../../src/host/read-plugin-message.ts';
import { parseSafely } from '../../src/protocol/safe-json.ts';
import { fromWireError, toWireError } from '../../src/protocol/wire-error.ts';

describe('readPluginMessage', () => {
  it('takes any text without harm', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        assert.throws(() => readPluginMessage(text), MessageError);
      }),
    );
  });

  it('takes any members without harm', () => {
    const types = ['alive', 'done', 'failed', 'ask', 'cancel', 'log', 'taken', 'end', 'broken', 'ready', 'faulty', 'stopped', 'toString'];
    const members = ['call', 'ask', 'member', 'input', 'level', 'fields', 'message', 'stream', 'bytes', 'error', 'missing', 'surplus'];
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.dictionary(fc.constantFrom(...members), fc.jsonValue()), (type, rest) => {
        try {
          assert.equal(readPluginMessage(JSON.stringify({ ...rest, type })).type, type);
        } catch (error) {
          assert.ok(error instanceof MessageError, String(error));
        }
      }),
    );
  });
});

describe('parseSafely', () => {
  it('leaves out what changes a prototype, however it is written', () => {
    for (const text of ['{"__proto__":{"a":1},"b":2}', '{"\\u005f_proto__":{"a":1},"b":2}', '{"b":2,"constructor":{"prototype":{"a":1}}}'])
      assert.deepEqual(Object.getOwnPropertyNames(parseSafely(text)), ['b'], text);
    assert.deepEqual(parseSafely('[{"a":[{"__proto__":1,"c":3}]}]'), [{ a: [{ c: 3 }] }]);
  });

  it('keeps everything else', () => {
    assert.deepEqual(parseSafely('{"constructor":"Smith & Sons","prototype":1}'), { constructor: 'Smith & Sons', prototype: 1 });
    fc.assert(
      fc.property(
        fc.json().filter((text) => !text.includes('__proto__')),
        (text) => isDeepStrictEqual(parseSafely(text), JSON.parse(text)),
      ),
    );
  });
});

describe('an error on its way', () => {
  const sent = (error: unknown, isForPlugin = false): unknown => fromWireError(JSON.parse(JSON.stringify(toWireError(error, isForPlugin))));

  it('keeps code and details of the catalogue', () => {
    const got = sent(new TendrilError('UPSTREAM_THROTTLED', { retryAfterMs: 5 }));
    assert.ok(TendrilError.is(got));
    assert.deepEqual([got.code, got.details], ['UPSTREAM_THROTTLED', { retryAfterMs: 5 }]);
  });

  it('keeps name, code and cause of others, and what they say only for those who made the mistake', () => {
    const error = new TypeError('not like this', { cause: Object.assign(new Error('secret'), { code: 'ECONNRESET' }) });
    const got = sent(error) as Error & { cause: { code: string; message: string } };
    assert.deepEqual([got.name, got.message, got.cause.code, got.cause.message], ['TypeError', '', 'ECONNRESET', '']);
    assert.equal((sent(error, true) as Error).message, 'not like this');
    assert.equal((sent(new Error('of a store'), true) as Error).message, '');
  });

  it('bears getters that throw, cycles, and too much', () => {
    const cyclic = new Error('a', {});
    cyclic.cause = cyclic;
    assert.ok(sent(cyclic) instanceof Error);
    assert.ok(
      sent(
        Object.defineProperty(new Error('a'), 'code', {
          get: () => {
            throw new Error('b');
          },
        }),
      ) instanceof Error,
    );
    const details: Record<string, unknown> = {};
    details['self'] = details;
    assert.deepEqual((sent(new TendrilError('INTERNAL', details)) as TendrilError).details, {});
    assert.deepEqual((sent(new TendrilError('INTERNAL', { text: 'x'.repeat(1_000_000) })) as TendrilError).details, {});
  });

  it('is made of anything without harm', () => {
    fc.assert(fc.property(fc.jsonValue(), (wire) => void fromWireError(wire)));
    for (const code of ['constructor', '__proto__', 'toString']) assert.ok(!TendrilError.is(fromWireError({ code })));
  });
});
