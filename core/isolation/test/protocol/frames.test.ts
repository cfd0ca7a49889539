import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeBytes, encodeMessage, FrameError, FrameReader } from '../../src/protocol/frames.ts';

const LIMIT = 1_000;

describe('FrameReader', () => {
  const message = fc.oneof(
    fc.json().map((text) => ({ frame: encodeMessage(JSON.parse(text)), text: JSON.stringify(JSON.parse(text)) })),
    fc.uint8Array({ maxLength: 50 }).map((bytes) => ({ frame: encodeBytes(7, bytes), bytes })),
  );

  it('gives back what was written, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sent, cuts) => {
        const reader = new FrameReader(100_000);
        const wire = Buffer.concat(sent.map(({ frame }) => frame));
        const got = [];
        for (let at = 0, turn = 0; at < wire.byteLength; turn += 1) {
          const size = cuts[turn % cuts.length] ?? 1;
          got.push(...reader.read(wire.subarray(at, at + size)));
          at += size;
        }
        assert.equal(got.length, sent.length);
        for (const [index, frame] of got.entries()) {
          const expected = sent[index];
          if (frame.kind === 'message') assert.equal(frame.text, expected !== undefined && 'text' in expected ? expected.text : undefined);
          else assert.deepEqual([...frame.bytes], expected !== undefined && 'bytes' in expected ? [...expected.bytes] : undefined);
        }
      }),
    );
  });

  it('refuses a frame above the limit before it has come', () => {
    const header = Buffer.from([0, 0, 0x10, 0, 0]);
    assert.throws(() => new FrameReader(LIMIT).read(header), FrameError);
    assert.throws(() => new FrameReader(LIMIT).read(Buffer.alloc(64, 0xff)), FrameError);
  });

  it('refuses kinds that there are not, and bytes without a stream', () => {
    assert.throws(() => new FrameReader(LIMIT).read(Buffer.from([0, 0, 0, 0, 2])), FrameError);
    assert.throws(() => new FrameReader(LIMIT).read(Buffer.from([0, 0, 0, 2, 1, 0, 0])), FrameError);
  });

  it('takes any bytes without harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          new FrameReader(LIMIT).read(Buffer.from(bytes));
        } catch (error) {
          assert.ok(error instanceof FrameError);
        }
      }),
    );
  });
});
