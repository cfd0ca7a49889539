import assert from 'node:assert/strict';
import { readFrames } from '../src/sse.ts';

describe('a stream of server-sent events', () => {
  it('is read message by message, wherever the network cuts it', async () => {
    const text = 'event: hello\ndata: {}\n\n: still here\n\nevent: progress\ndata: {"done":1,\ndata: "name":"Ärger"}\n\nevent: cut';
    const bytes = new TextEncoder().encode(text);
    for (const size of [1, 7, bytes.length]) {
      const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start(controller) {
          for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
          controller.close();
        },
      });
      const frames = [];
      for await (const frame of readFrames(body)) frames.push(frame);
      assert.deepEqual(frames, [
        { event: 'hello', data: '{}' },
        { event: '', data: '' },
        { event: 'progress', data: '{"done":1,\n"name":"Ärger"}' },
      ]);
    }
  });
});
