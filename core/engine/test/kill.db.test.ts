import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoggedEvent } from '@tendril/plugin-api';
import { createSqliteStores } from '@tendril/stores';
import { EVENT_FAULT_POINTS } from '../src/events/index.ts';
import type { TenantHub } from '../src/index.ts';
import { hubOver, seen, until, witness } from './support/hub-scenario.ts';

const PROGRAM = fileURLToPath(new URL('./fixtures/ingest-until-killed.ts', import.meta.url));

/** @returns message ids by what was answered */
async function runUntilKilled(folder: string, point: string, after: number): Promise<ReadonlyMap<string, string>> {
  const child = spawn(process.execPath, ['--conditions=tendril-source', '--no-warnings', PROGRAM, folder, point, String(after)]);
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  assert.equal(signal, 'SIGKILL', `${point} was passed: ${errors}`);
  const lines = output.split('\n').slice(0, -1);
  return new Map(lines.map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]));
}

async function allEvents(tenant: TenantHub): Promise<readonly LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  let cursor: string | undefined;
  do {
    const page = await tenant.events.list({ limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
    events.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return events.toReversed();
}

/** Everything answered for is there once; what was derived of it too. */
async function check(folder: string, answers: ReadonlyMap<string, string>): Promise<void> {
  const stores = await createSqliteStores({ folder });
  const hub = await hubOver(stores, [witness()], { leaseMs: 1_000 });
  try {
    const tenant = await hub.tenant('acme');
    await hub.start();
    await until(
      async () => (await tenant.consumers.list()).every(({ lag }) => lag === 0) && (await stores.state.outbox.take(1)).length === 0,
    );
    await until(async () => (await tenant.consumers.list()).every(({ lag }) => lag === 0));
    const events = await allEvents(tenant);
    const ordered = events.filter(({ name }) => name === 'Ordered').map(({ id }) => id);
    const quarantined = new Set((await tenant.events.quarantined({ limit: 1_000 })).items.map(({ messageId }) => messageId));
    assert.equal(new Set(ordered).size, ordered.length, 'no event twice');
    for (const [id, answer] of answers) {
      const isKept = ordered.includes(id) || (answer === 'quarantined' && quarantined.has(id));
      assert.ok(isKept, `${answer} ${id} is there`);
    }
    assert.deepEqual(await seen(tenant), ordered.toSorted(), 'every event was handled once');
    const told = events
      .filter(({ name }) => name === 'Witness Saw')
      .map(({ properties: { what } }) => (typeof what === 'string' ? what : ''));
    assert.deepEqual(told.toSorted(), ordered.toSorted(), 'what was emitted is there once');
    assert.deepEqual(await tenant.consumers.setAside('witness.watch'), []);
  } finally {
    await hub.stop({ graceMs: 0 });
    await stores.log.close();
    await stores.state.close();
  }
}

describe('a hub killed with SIGKILL', function () {
  this.timeout(120_000);

  for (const point of EVENT_FAULT_POINTS) {
    it(`at ${point} loses nothing that it answered for, and does nothing twice`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'tendril-kill-'));
      try {
        const answers = await runUntilKilled(folder, point, 3);
        assert.ok(answers.size > 0, 'something was answered for');
        await check(folder, answers);
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }
});
