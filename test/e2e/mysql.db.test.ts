import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backupStores, openStores, restoreStores } from '@tendril/stores';
import { missingMariadb, startMariadb } from '@tendril/testkit/stores';
import type { Mariadb } from '@tendril/testkit/stores';
import knex from 'knex';
import { eventually, removeDataDir, startHub } from '../support/start-hub.ts';
import type { RunningHub } from '../support/start-hub.ts';

const PIPELINE = `
pipeline: mysql_probe
trigger: { event: Probe }
steps:
  - id: crm
    action: salesforce.upsert_lead
    with: { externalId: "\${{ event.properties.probe }}", email: "\${{ profile.traits.email }}", lastName: Probe, company: Probe }
    retry: { attempts: 10, initial: 100ms }
  - id: mail
    action: email.send
    with: { person: "\${{ profile.id }}", subject: Probe, text: "Probe \${{ event.properties.probe }}" }
    retry: { attempts: 10, initial: 100ms }
`;
// What `createHub` takes unless told: what a killed process held stands still for at most so long.
const LEASE_MS = 10_000;
const masterKey = randomBytes(32).toString('base64');

interface Call {
  readonly type: string;
  readonly messageId: string;
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string;
}

interface RunInfo {
  readonly id: string;
  readonly state: string;
  readonly eventId?: string;
}

interface Effects {
  readonly keys: number;
  readonly doubled: number;
}

describe('hubs on MariaDB', function () {
  this.timeout(120_000);
  const folders: string[] = [];
  const hubs: RunningHub[] = [];
  const acknowledged = new Set<string>();
  let server: Mariadb | undefined;
  let first: RunningHub;
  let second: RunningHub;

  before(async function () {
    const missing = await missingMariadb();
    if (missing !== undefined) {
      process.stderr.write(`skipped: ${missing}\n`);
      this.skip();
    }
    server = await startMariadb();
    first = await start(server.url);
    await first.api('PUT', '/v1/governor/limits', { dailyCap: 100_000, dailyCapPerPerson: 100 });
    await first.api('POST', '/v1/pipelines', { source: PIPELINE });
    second = await start(server.url);
  });
  after(async () => {
    await Promise.all(hubs.map((hub) => hub.kill()));
    for (const folder of folders.toReversed()) removeDataDir(folder);
    await server?.stop();
  });

  /** Another hub on the database. All write to the same sandboxes, those of the first. */
  async function start(databaseUrl: string): Promise<RunningHub> {
    const dataDir = mkdtempSync(join(tmpdir(), 'tendril-mysql-'));
    const [shared] = folders;
    if (shared !== undefined) symlinkSync(join(shared, 'sandbox'), join(dataDir, 'sandbox'));
    folders.push(dataDir);
    const hub = await startHub({
      dataDir,
      flags: ['--empty'],
      environment: { DATABASE_URL: databaseUrl, TENDRIL_MASTER_KEY: masterKey },
    });
    hubs.push(hub);
    return hub;
  }

  /** @returns the status; what was answered 200 is remembered as acknowledged */
  async function send(hub: RunningHub, calls: readonly Call[]): Promise<number> {
    const status = await hub.send(calls).catch(() => 0);
    if (status === 200) for (const { messageId } of calls) acknowledged.add(messageId);
    return status;
  }

  /** Asserts that all that was acknowledged is in the log once, started one run, and had each effect once. */
  async function assertOnce(hub: RunningHub, withinMs: number): Promise<void> {
    const probes = [...acknowledged].filter((id) => id.startsWith('t-'));
    const runs = await eventually(
      () => all<RunInfo>(hub, '/v1/runs?pipeline=mysql_probe'),
      (found) => found.length >= probes.length && found.every(({ state }) => state !== 'running' && state !== 'sleeping'),
      withinMs,
    );
    const events = (await all<{ id: string }>(hub, '/v1/events')).map(({ id }) => id);
    assert.equal(new Set(events).size, events.length, 'an event is in the log twice');
    assert.deepEqual(
      [...acknowledged].filter((id) => !events.includes(id)),
      [],
    );
    assert.deepEqual(
      runs.filter(({ state }) => state !== 'succeeded'),
      [],
    );
    assert.deepEqual(runs.map(({ eventId }) => eventId).toSorted(), probes.toSorted());
    for (const effects of await sandboxEffects()) assert.deepEqual(effects, { keys: probes.length, doubled: 0 });
    await eventually(
      () => hub.api<Page<{ lag: number; setAside: number }>>('GET', '/v1/consumers'),
      ({ items }) => items.every(({ lag, setAside }) => lag === 0 && setAside === 0),
    );
    await eventually(
      async () => (await all<{ id: string }>(hub, '/v1/events?name=tendril.run.ended')).length,
      (ended) => ended === probes.length,
    );
  }

  async function sandboxEffects(): Promise<readonly Effects[]> {
    const file = JSON.parse(readFileSync(join(folders[0] ?? '', 'sandbox', 'sandboxes.json'), 'utf8')) as {
      services: { salesforce: { url: string }; smtp: { apiUrl: string } };
    };
    const { salesforce, smtp } = file.services;
    return Promise.all(
      [salesforce.url, smtp.apiUrl].map(async (url) => {
        const { keys, doubled } = (await (await fetch(`${url}/_sandbox/status`)).json()) as Effects;
        return { keys, doubled };
      }),
    );
  }

  it('do half of the work each: every event once, every run once, every effect once', async () => {
    const batches = Array.from({ length: 12 }, (_, batch) => callsOf(`half-${String(batch)}`, 5));
    const shared = callsOf('shared', 5);
    const statuses = await Promise.all([
      ...batches.map((batch, index) => send(index % 2 === 0 ? first : second, batch)),
      // The application's library has lost the answer and sends again, to the other one.
      ...[first, second, first, second].map((hub) => send(hub, shared)),
    ]);
    assert.deepEqual(new Set(statuses), new Set([200]));
    await assertOnce(second, 30_000);
  });

  it('go on when one of them is killed, within two leases', async () => {
    const load = Promise.all(
      Array.from({ length: 8 }, async (_, batch) => send(batch % 2 === 0 ? first : second, callsOf(`killed-${String(batch)}`, 5))),
    );
    await Promise.race([
      load,
      eventually(
        async () => (await all<RunInfo>(second, '/v1/runs?state=running')).length,
        (found) => found > 0,
        5_000,
      ),
    ]);
    await first.kill();
    await load;
    await assertOnce(second, 2 * LEASE_MS + 5_000);
  });

  it('say clearly that the server is away, and go on when it is back', async () => {
    const load = Array.from({ length: 4 }, (_, batch) => send(second, callsOf(`before-${String(batch)}`, 5)));
    await Promise.all(load);
    await server?.kill();
    const calls = callsOf('away', 5);
    const answer = await fetch(`${second.url}/v1/batch`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${second.writeKey}:`)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ batch: calls }),
    });
    assert.equal(answer.status, 503);
    assert.match(answer.headers.get('content-type') ?? '', /problem\+json/);
    assert.equal(((await answer.json()) as { code: string }).code, 'STORE_UNAVAILABLE');
    assert.equal((await fetch(`${second.url}/readyz`)).status, 503);
    assert.equal((await fetch(`${second.url}/healthz`)).status, 200);
    await server?.start();
    await eventually(
      async () => (await fetch(`${second.url}/readyz`)).status,
      (status) => status === 200,
    );
    assert.equal(await send(second, calls), 200);
    await assertOnce(second, 2 * LEASE_MS + 5_000);
  });

  it('come back from a backup that was made while one was at work', async () => {
    assert.ok(server);
    const last = callsOf('backup', 5);
    assert.equal(await send(second, last), 200);
    await assertOnce(second, 30_000);
    const folder = mkdtempSync(join(tmpdir(), 'tendril-mysql-backup-'));
    const databaseUrl = server.url.replace(/tendril$/, 'restored');
    try {
      mkdirSync(join(folder, 'backup'));
      const stores = await openStores({ folder, databaseUrl: server.url });
      await backupStores(stores, join(folder, 'backup'));
      await stores.log.close();
      await stores.state.close();
      await second.kill();
      const admin = knex({ client: 'mysql2', connection: server.url });
      await admin.raw('CREATE DATABASE restored');
      await admin.destroy();
      await restoreStores(join(folder, 'backup'), { folder, databaseUrl });
    } finally {
      rmSync(folder, { recursive: true });
    }
    const third = await start(databaseUrl);
    assert.equal(await send(third, last), 200);
    assert.equal(await send(third, callsOf('restored', 5)), 200);
    await assertOnce(third, 2 * LEASE_MS + 5_000);
  });
});

/** People who sign up and do what starts a run. */
function callsOf(group: string, count: number): readonly Call[] {
  return Array.from({ length: count }, (_, index) => {
    const probe = `${group}-${String(index)}`;
    const userId = `user-${probe}`;
    return [
      { type: 'identify', messageId: `i-${probe}`, userId, traits: { email: `${probe}@example.invalid`, lastName: 'Probe' } },
      { type: 'track', messageId: `t-${probe}`, userId, event: 'Probe', properties: { probe } },
    ];
  }).flat();
}

async function all<Item>(hub: RunningHub, path: string): Promise<readonly Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const more = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await hub.api<Page<Item>>('GET', `${path}${path.includes('?') ? '&' : '?'}limit=100${more}`);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return items;
}
