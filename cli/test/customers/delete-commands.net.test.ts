import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Config } from '@oclif/core';
import SegmentsDelete from '../../src/commands/segments/delete.ts';
import TraitsDelete from '../../src/commands/traits/delete.ts';

describe('deleting a definition', () => {
  let server: Server;
  let output: object;
  before(async () => {
    server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ output }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(() => server.close());

  for (const Command of [SegmentsDelete, TraitsDelete]) {
    it(`answers as the hub does: ${Command.description}`, async () => {
      output = { name: 'buyers', isVisible: true };
      const config = await Config.load(fileURLToPath(new URL('../..', import.meta.url)));
      const { port } = server.address() as AddressInfo;
      const answer = await new Command(['buyers', '--url', `http://127.0.0.1:${String(port)}`, '--key', 'ts_none', '--json'], config).run();
      assert.deepEqual(answer, output);
    });
  }
});
