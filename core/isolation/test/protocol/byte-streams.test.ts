import assert from 'node:assert/strict';
import { ByteStreams, StreamViolation, WINDOW_BYTES } from '../../src/protocol/byte-streams.ts';
import type { StreamSink } from '../../src/protocol/byte-streams.ts';

/** Two ends of one wire. */
function ends(): readonly [ByteStreams, ByteStreams] {
  const made: ByteStreams[] = [];
  const sinkTo = (other: () => ByteStreams | undefined, isHub: boolean): StreamSink => ({
    isHub,
    post: (message) => queueMicrotask(() => other()?.take(JSON.parse(JSON.stringify(message)))),
    postBytes: (stream, bytes) => queueMicrotask(() => other()?.takeBytes(stream, bytes)),
  });
  made.push(
    new ByteStreams(
      sinkTo(() => made[1], true),
      () => true,
    ),
  );
  made.push(
    new ByteStreams(
      sinkTo(() => made[0], false),
      () => true,
    ),
  );
  return made as [ByteStreams, ByteStreams];
}

async function readAll(from: { read(): Promise<Uint8Array | undefined> }): Promise<number> {
  let size = 0;
  for (let piece = await from.read(); piece !== undefined; piece = await from.read()) size += piece.byteLength;
  return size;
}

describe('ByteStreams', () => {
  it('carries more than the window as fast as it is read', async () => {
    const [hub, plugin] = ends();
    const outgoing = hub.send(1);
    const incoming = plugin.receive(1);
    const sent = outgoing.write(new Uint8Array(5 * WINDOW_BYTES)).then(() => outgoing.end());
    assert.equal(await readAll(incoming), 5 * WINDOW_BYTES);
    await sent;
  });

  it('does not send on when nobody reads', async () => {
    const [hub, plugin] = ends();
    plugin.receive(1);
    let isDone = false;
    void hub
      .send(1)
      .write(new Uint8Array(2 * WINDOW_BYTES))
      .then(() => (isDone = true));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isDone, false);
  });

  it('refuses more than was asked for, streams that there are not, and bytes behind the end', () => {
    const quiet: StreamSink = { isHub: true, post: () => undefined, postBytes: () => undefined };
    const streams = new ByteStreams(quiet, (stream) => stream < 10);
    streams.receive(1);
    streams.takeBytes(1, new Uint8Array(WINDOW_BYTES));
    assert.throws(() => streams.takeBytes(1, new Uint8Array(1)), StreamViolation);
    streams.receive(2);
    streams.take({ type: 'end', stream: 2 });
    assert.throws(() => streams.takeBytes(2, new Uint8Array(1)), StreamViolation);
    assert.throws(() => streams.takeBytes(10, new Uint8Array(1)), StreamViolation);
    assert.throws(() => streams.take({ type: 'taken', stream: 11, bytes: 1 }), StreamViolation);
    streams.takeBytes(9, new Uint8Array(1));
  });

  it('tells both sides when it breaks', async () => {
    const [hub, plugin] = ends();
    const outgoing = hub.send(1);
    const incoming = plugin.receive(1);
    outgoing.fail(Object.assign(new TypeError('wrong'), { code: 'E' }));
    await assert.rejects(incoming.read(), { name: 'TypeError', code: 'E' });
    const other = hub.send(2);
    const writing = other.write(new Uint8Array(2 * WINDOW_BYTES));
    plugin.receive(2).cancel();
    await assert.rejects(writing);
  });

  it('wakes whoever waits when it is closed', async () => {
    const [hub] = ends();
    const incoming = hub.receive(1);
    const reading = incoming.read();
    hub.close(1, new RangeError('over'));
    await assert.rejects(reading, { name: 'RangeError' });
  });
});
