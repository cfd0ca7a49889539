import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { figure, missingServers, openInstallation } from '../support/installation.ts';
import type { Installation } from '../support/installation.ts';
import { createProbes } from '../support/probes.ts';
import { eventually } from '../support/start-hub.ts';
import type { RunningHub } from '../support/start-hub.ts';
import { runTendril } from '../support/tendril.ts';

/** More than one worker has in hand at once. */
const SHARED = 300;
const LEDGER = fileURLToPath(new URL('../fixtures/plugins/ledger', import.meta.url));

/** A service that answers when the test lets it. */
interface SlowBook {
  readonly url: string;
  readonly lines: string[];
  waiting(): number;
  /** The most that ever waited at once. */
  most(): number;
  /** Answers those that wait. */
  answer(): void;
  /** Answers those that wait, and all that come. */
  open(): void;
  /** Lets all wait from now on, and counts from the beginning. */
  shut(): void;
  close(): Promise<void>;
}

async function openSlowBook(): Promise<SlowBook> {
  const lines: string[] = [];
  const waiting: ServerResponse[] = [];
  let isOpen = false;
  let most = 0;
  const server = createServer((req, res) => {
    let line = '';
    req.on('data', (chunk: Buffer) => (line += chunk.toString()));
    req.on('end', () => {
      lines.push(line);
      if (isOpen) {
        res.end(String(lines.length));
        return;
      }
      waiting.push(res);
      most = Math.max(most, waiting.length);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const answer = (): void => {
    for (const res of waiting.splice(0)) res.end(String(lines.length));
  };
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/lines`,
    lines,
    waiting: () => waiting.length,
    most: () => most,
    answer,
    open() {
      isOpen = true;
      answer();
    },
    shut() {
      isOpen = false;
      most = 0;
      lines.length = 0;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const slowPipeline = (name: string, more: string): string => `
pipeline: ${name}
trigger: { event: ${name} }
${more}
steps:
  - action: ledger.append
    with: { book: "\${{ event.properties.book }}", line: "\${{ event.properties.line }}" }
`;

describe('an api, two workers and a scheduler on MariaDB and Redis', function () {
  this.timeout(180_000);
  const probes = createProbes();
  let installation: Installation;
  let book: SlowBook;
  let api: RunningHub;
  let scheduler: RunningHub;
  const workers: RunningHub[] = [];

  before(async function () {
    const missing = await missingServers();
    if (missing !== undefined) {
      process.stderr.write(`skipped: ${missing}\n`);
      this.skip();
    }
    [installation, book] = await Promise.all([openInstallation(), openSlowBook()]);
    api = await start('api');
    for (const role of ['worker', 'worker']) workers.push(await start(role, { TENDRIL_GRACE_MS: '30000' }));
    scheduler = await start('scheduler');
    await probes.deploy(api);
    await api.api('POST', '/v1/pipelines', { source: slowPipeline('slow', '') });
    await api.api('POST', '/v1/pipelines', { source: slowPipeline('limited', 'concurrency: { limit: 5 }') });
  });
  after(async () => {
    await Promise.allSettled([installation?.close(), book?.close()]);
  });

  function start(role: string, environment: Readonly<Record<string, string>> = {}, flags: readonly string[] = []): Promise<RunningHub> {
    return installation.start(
      role,
      { TENDRIL_PLUGINS: LEDGER, TENDRIL_TRUSTED_PLUGINS: 'ledger', TENDRIL_ALLOWED_EGRESS: new URL(book.url).host, ...environment },
      flags,
    );
  }

  function slow(group: string, count: number, event = 'slow'): Promise<number> {
    return api.send(
      Array.from({ length: count }, (_, index) => ({
        type: 'track',
        messageId: `${group}-${String(index)}`,
        userId: `${group}-${String(index)}`,
        event,
        properties: { book: book.url, line: `${group}-${String(index)}` },
      })),
    );
  }

  it('run what comes in over HTTP, each run and each effect once', async () => {
    assert.equal(await probes.send(api, 'first', 60), 60);
    await probes.settle(api, installation);
  });

  it('share the runs between the workers', async () => {
    book.shut();
    assert.equal(await slow('shared', SHARED), 200);
    await eventually(
      () => Promise.resolve(book.waiting()),
      (waiting) => waiting === SHARED,
    );
    const running = await Promise.all(workers.map((worker) => figure(worker, 'tendril_worker_running', 'kind="run"')));
    assert.equal(
      running.reduce((sum, count) => sum + count, 0),
      SHARED,
    );
    for (const count of running) assert.ok(count > 0, `the workers run ${running.join(' and ')}`);
    for (const other of [api, scheduler]) assert.equal(await figure(other, 'tendril_worker_running', 'kind="run"'), NaN);
    book.open();
    await ended('slow', SHARED);
    assert.equal(new Set(book.lines).size, book.lines.length);
  });

  it('hold a limit over both workers', async () => {
    book.shut();
    assert.equal(await slow('limited', 40, 'limited'), 200);
    await eventually(
      () => {
        // All five places are taken before one is left, again and again.
        if (book.waiting() === 5 || book.lines.length === 40) book.answer();
        return Promise.resolve(book.lines.length);
      },
      (written) => written === 40,
      60_000,
    );
    book.open();
    await ended('limited', 40);
    assert.equal(book.most(), 5);
    assert.equal(new Set(book.lines).size, 40);
  });

  it('drain on SIGTERM: what is in hand ends, the rest goes on elsewhere, and nothing twice', async () => {
    book.shut();
    assert.equal(await slow('drained', SHARED), 200);
    await eventually(
      () => Promise.resolve(book.waiting()),
      (waiting) => waiting === SHARED,
    );
    const [draining, staying] = workers;
    assert.ok(draining && staying);
    assert.ok((await figure(draining, 'tendril_worker_running', 'kind="run"')) > 0);
    draining.process.kill('SIGTERM');
    const readiness = await eventually(
      async () => {
        const response = await fetch(`${draining.url}/readyz`);
        return { status: response.status, ...((await response.json()) as { reasons: readonly string[] }) };
      },
      ({ status }) => status === 503,
    );
    assert.ok(readiness.reasons.some((reason) => /stopping/.test(reason)));
    // What comes now is for the other one, and that also follows the log from here on.
    assert.equal(await slow('after', 20), 200);
    await eventually(
      () => Promise.resolve(book.waiting()),
      (waiting) => waiting === SHARED + 20,
    );
    book.open();
    await ended('slow', 2 * SHARED + 20);
    const [code] =
      draining.process.exitCode === null ? ((await once(draining.process, 'exit')) as [number | null]) : [draining.process.exitCode];
    assert.equal(code, 0);
    assert.equal(book.lines.length, SHARED + 20);
    assert.equal(new Set(book.lines).size, SHARED + 20);
    workers.splice(0, 1, await start('worker'));
  });

  it('take no work with other plugins than the installation has, and say which', async () => {
    const other = await start('worker', { TENDRIL_PLUGINS: '' });
    const response = await fetch(`${other.url}/readyz`, { headers: { authorization: `Bearer ${api.secretKey}` } });
    assert.equal(response.status, 503);
    const { lock } = (await response.json()) as { lock: { isCurrent: boolean; differences: readonly object[] } };
    assert.equal(lock.isCurrent, false);
    assert.deepEqual(lock.differences, [{ plugin: 'ledger', what: 'missing', installation: '0.1.0' }]);
    assert.match(other.errors(), /other plugins than the installation/);
    await other.stop();
    const accepting = await start('worker', { TENDRIL_PLUGINS: '' }, ['--accept-lock']);
    const [worker] = workers;
    assert.ok(worker);
    await eventually(
      async () => (await fetch(`${worker.url}/readyz`)).status,
      (status) => status === 503,
    );
    const doctor = await runTendril(['doctor', '--json'], { home: installation.dataDir });
    assert.match(doctor.stdout, /ledger \(additional/);
    assert.equal((await fetch(`${accepting.url}/readyz`)).status, 200);
    await accepting.stop();
    const restoring = await start('scheduler', {}, ['--accept-lock']);
    await eventually(
      async () => (await fetch(`${worker.url}/readyz`)).status,
      (status) => status === 200,
    );
    await restoring.stop();
    assert.equal(await probes.send(api, 'again', 20), 20);
    await probes.settle(api, installation);
  });

  async function ended(pipeline: string, count: number): Promise<void> {
    const metric = async (): Promise<number> => {
      const { items } = await api.api<{ items: readonly { state: string }[] }>(
        'GET',
        `/v1/runs?pipeline=${pipeline}&state=running&limit=1`,
      );
      const done = await api.api<{ items: readonly object[]; nextCursor?: string }>(
        'GET',
        `/v1/runs?pipeline=${pipeline}&state=succeeded&limit=100`,
      );
      let total = done.items.length;
      let cursor = done.nextCursor;
      while (cursor !== undefined) {
        const page: { items: readonly object[]; nextCursor?: string } = await api.api(
          'GET',
          `/v1/runs?pipeline=${pipeline}&state=succeeded&limit=100&cursor=${encodeURIComponent(cursor)}`,
        );
        total += page.items.length;
        cursor = page.nextCursor;
      }
      return items.length > 0 ? -1 : total;
    };
    assert.equal(await eventually(metric, (total) => total >= count, 60_000), count);
  }
});
