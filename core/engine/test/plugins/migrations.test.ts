import assert from 'node:assert/strict';
import type { Call, JsonObject } from '@tendril/plugin-api';
import { oneAction, RUN, startHost as begin, takeUpJobs } from './fixture.ts';
import type { HostFixture } from './fixture.ts';

const SECOND: JsonObject = { version: 2, rename: { mail: 'email' }, set: { email: '${{ row.email.lowerAscii() }}', source: 'import' } };
const THIRD: JsonObject = { version: 3, remove: ['source'] };

function tableIn(version: number, properties: JsonObject, migrations: readonly JsonObject[]): JsonObject {
  return {
    key: 'id',
    version,
    migrations: migrations as JsonObject['migrations'],
    schema: { type: 'object', additionalProperties: false, required: ['id'], properties: { id: { type: 'string' }, ...properties } },
  } as JsonObject;
}

const TEXT = { type: 'string' };
const TABLES: Readonly<Record<number, JsonObject>> = {
  1: tableIn(1, { mail: TEXT }, []),
  2: tableIn(2, { email: TEXT, source: TEXT }, [SECOND]),
  3: tableIn(3, { email: TEXT }, [SECOND, THIRD]),
};

/** A plugin whose action writes the given rows, or reads them all. */
function plugin(version: number, table = TABLES[version]) {
  const handler = async (input: JsonObject, call: Call): Promise<unknown> => {
    for (const row of (input['rows'] ?? []) as readonly JsonObject[]) call.changes.put('people', row);
    await call.changes.flush();
    return (await call.table('people').query({ limit: 1_000 })).items.map(({ value }) => value);
  };
  return oneAction(handler, {
    permissions: { storage: ['tables'] },
    contributes: {
      actions: { go: { title: 'Go', effect: 'write', idempotency: 'natural', input: { type: 'object' }, output: true } },
      tables: { people: table ?? {} },
    },
  });
}

const rows = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `p${String(index).padStart(4, '0')}`, mail: `A${index}@X.ORG` }));

async function go({ host, action }: HostFixture, input: JsonObject = {}): Promise<readonly JsonObject[]> {
  return (await host.runAction('acme', action('probe.go'), input, RUN)).output as readonly JsonObject[];
}

const started: HostFixture[] = [];

async function startHost(...given: Parameters<typeof begin>): Promise<HostFixture> {
  const fixture = await begin(...given);
  started.push(fixture);
  return fixture;
}

describe('migrations of tables', () => {
  afterEach(async () => {
    for (const { host } of started.splice(0)) await host.stop();
  });

  it('bring every row to the new version before the plugin is called again', async () => {
    const first = await startHost([plugin(1)]);
    await go(first, { rows: rows(450) as never });
    const second = await startHost([plugin(3)], { after: first });
    await assert.rejects(go(second), { code: 'PLUGIN_MIGRATING' });
    assert.deepEqual(await second.host.migrations.progress('acme'), [{ plugin: 'probe', table: 'people', from: 1, to: 3, moved: 0 }]);
    const runDue = await takeUpJobs(second);
    assert.equal(await runDue('plugins.migrate'), 1);
    const all = await go(second);
    assert.equal(all.length, 450);
    assert.deepEqual(all[7], { id: 'p0007', email: 'a7@x.org' });
    assert.deepEqual(await second.host.migrations.progress('acme'), []);
  });

  it('go on where they were cut off, and change no row twice', async () => {
    const first = await startHost([plugin(1)]);
    await go(first, { rows: rows(450) as never });
    const growing = (version: number) =>
      tableIn(version, { mail: TEXT }, [{ version: 2, set: { mail: '${{ row.mail + "!" }}' } }] as readonly JsonObject[]);
    const second = await startHost([plugin(2, growing(2))], { after: first });
    const { state } = await second.tenants.open('acme');
    const commit = state.commit.bind(state);
    let commits = 0;
    // The process dies after the first batch.
    state.commit = (changes) => {
      if (changes.some((change) => change.op === 'put' && change.table.name === 'probe.people') && (commits += 1) > 1)
        throw new Error('killed');
      return commit(changes);
    };
    const runDue = await takeUpJobs(second);
    await assert.rejects(runDue('plugins.migrate'), /killed/);
    state.commit = commit;
    assert.deepEqual(
      (await second.host.migrations.progress('acme')).map(({ moved }) => moved),
      [200],
    );
    second.clock.advance(2_000);
    await runDue('plugins.migrate');
    assert.ok((await go(second)).every(({ mail }) => /^A\d+@X\.ORG!$/.test(String(mail))));
  });

  it('are not needed where nothing was written before', async () => {
    const fixture = await startHost([plugin(3)]);
    assert.deepEqual(await go(fixture), []);
  });

  it('refuse a plugin that is older than its data', async () => {
    const newer = await startHost([plugin(2)]);
    await go(newer, { rows: [{ id: 'a', email: 'a@x.org' }] as never });
    const older = await startHost([plugin(1)], { after: newer });
    await assert.rejects(go(older), { code: 'STORE_NEWER' });
  });

  it('are forgotten with the data: an older plugin begins anew', async () => {
    const newer = await startHost([plugin(2)]);
    await go(newer, { rows: [{ id: 'a', email: 'a@x.org' }] as never });
    const plugins = newer.host.tenantPlugins('acme');
    await plugins.disable('probe');
    await plugins.deleteData('probe');
    const older = await startHost([plugin(1)], { after: newer });
    assert.deepEqual(await go(older, { rows: [{ id: 'b', mail: 'b@x.org' }] as never }), [{ id: 'b', mail: 'b@x.org' }]);
  });

  it('stop at a row that would not fit, and say so', async () => {
    const first = await startHost([plugin(1)]);
    await go(first, { rows: rows(1) as never });
    const strict = tableIn(2, { mail: { type: 'string', maxLength: 3 } }, [{ version: 2 }] as readonly JsonObject[]);
    const second = await startHost([plugin(2, strict)], { after: first });
    const runDue = await takeUpJobs(second);
    await assert.rejects(runDue('plugins.migrate'), { code: 'PLUGIN_FAULTY' });
    const [progress] = await second.host.migrations.progress('acme');
    assert.match(progress?.fault ?? '', /\/mail/);
    assert.doesNotMatch(progress?.fault ?? '', /ORG/);
  });

  it('are checked with the manifest', async () => {
    const table = tableIn(3, { email: TEXT }, [
      { version: 2, set: { id: 'x', email: '${{ row. }}' } },
      { version: 4 },
    ] as readonly JsonObject[]);
    const { host } = await startHost([plugin(3, table)], { enable: false });
    const messages = host.catalogue.faults().map(({ pointer, message }) => `${pointer} ${message}`);
    assert.equal(messages.length, 4, messages.join('\n'));
    assert.ok(messages.some((text) => text.includes('needs one migration to version 3')));
    assert.ok(messages.some((text) => text.startsWith('/contributes/tables/people/migrations/0 changes id')));
    assert.ok(messages.some((text) => text.startsWith('/contributes/tables/people/migrations/0/set/email')));
    assert.ok(messages.some((text) => text.startsWith('/contributes/tables/people/migrations/1/version')));
  });
});
