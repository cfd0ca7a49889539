import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Call } from '@tendril/plugin-api';
import { assign } from '../src/actions/assign.ts';
import { get } from '../src/actions/get.ts';
import { handOver } from '../src/actions/hand-over.ts';
import { list } from '../src/actions/list.ts';
import { models } from '../src/actions/models.ts';
import { owners } from '../src/actions/owners.ts';
import { queue } from '../src/actions/queue.ts';
import { score } from '../src/actions/score.ts';
import { setStage } from '../src/actions/set-stage.ts';
import { setStatus } from '../src/actions/set-status.ts';
import { snooze } from '../src/actions/snooze.ts';
import { stages } from '../src/actions/stages.ts';
import { train } from '../src/actions/train.ts';
import type { Settings } from '../src/gen/manifest.gen.ts';
import { refresh } from '../src/schedules/refresh.ts';
import { createLeadsTenant } from './leads-tenant.ts';

const SETTINGS: Settings = {
  contactEvent: 'Contacted',
  outcome: { event: 'Answered', property: 'yes' },
  features: [{ from: 'trait', key: 'size', kind: 'number' }],
  behaviours: [
    { key: 'reads', event: 'Page Read', measure: 'count', withinDays: 300 },
    { key: 'pages', event: 'Page Read', measure: 'unique_count', property: 'page', withinDays: 3 },
  ],
  behaviourHalfLifeDays: 10,
  value: { currency: 'EUR', trait: 'budget', outcomeProperty: 'amount', cents: 1000 },
  stages: [{ name: 'MQL', conditions: ['lead.probability >= 0.0'] }],
  owners: [
    { id: 'ada', name: 'Ada', email: 'ada@team.invalid' },
    { id: 'bob', name: 'Bob' },
  ],
  assignment: { stage: 'MQL' },
};

const root = new URL('../', import.meta.url);
const read = (path: string): Record<string, never> => JSON.parse(readFileSync(new URL(path, root), 'utf8'));

/** As the host checks rows, answers and events. */
function createChecker() {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  const compiled = new Map<string, ReturnType<typeof ajv.compile>>();
  return (schema: object, value: unknown, what: string): void => {
    const validate = compiled.get(what) ?? ajv.compile(schema);
    compiled.set(what, validate);
    assert.ok(validate(JSON.parse(JSON.stringify(value))), `${what}: ${ajv.errorsText(validate.errors)}`);
  };
}

describe('what the plugin keeps, answers and emits', () => {
  it('is as its manifest says', async () => {
    const check = createChecker();
    const tenant = createLeadsTenant(SETTINGS);
    for (let index = 0; index < 300; index += 1) {
      const who = `p${index}`;
      tenant.append('identify', '$identify', who, {
        traits: { email: `${who}@x.invalid`, name: who, size: index % 50, ...(index % 9 === 0 ? { budget: 10 } : {}) },
      });
      tenant.append('track', 'Page Read', who, { properties: { page: index % 3 } });
      if (index < 260) {
        tenant.append('track', 'Contacted', who);
        tenant.append('track', 'Answered', who, { properties: { yes: (index * 7) % 50 < index % 50, amount: 20 } });
      }
    }
    await tenant.deliver();
    const answer = async (name: string, handler: (call: Call<Settings>) => Promise<unknown>): Promise<void> =>
      check(read(`schema/${name}.output.schema.json`), await tenant.run(handler), name);
    await answer('train', (call) => train({}, call));
    const from = tenant.head() + 1;
    for (const isUndone of [false, true, false])
      tenant.append('hub', `tendril.profiles.${isUndone ? 'unmerged' : 'merged'}`, 'p299', {
        properties: { from: 'p299', into: 'p298', link: `l${Number(isUndone)}` },
      });
    tenant.append('track', 'Page Read', 'p298', { properties: { page: 9 } });
    await tenant.deliver(from);
    await tenant.run(refresh);
    await answer('score', (call) => score({ person: 'p270' }, call));
    await answer('snooze', (call) => snooze({ id: 'lead-p271', until: '2040-01-01T00:00:00Z' }, call));
    await answer('set-stage', (call) => setStage({ id: 'lead-p272', stage: null, reason: 'no' }, call));
    await answer('set-status', (call) => setStatus({ id: 'lead-p298', status: 'contacted' }, call));
    await answer('assign', (call) => assign({ id: 'lead-p273', owner: 'bob' }, call));
    await answer('hand-over', (call) => handOver({ from: 'bob' }, call));
    await answer('queue', (call) => queue({ limit: 200 }, call));
    await answer('list', (call) => list({ limit: 1000 }, call));
    await answer('get', (call) => get({ id: 'lead-p299' }, call));
    await answer('stages', (call) => stages({}, call));
    await answer('owners', (call) => owners({}, call));
    await answer('models', (call) => models({}, call));
    const { contributes } = read('plugin.json') as unknown as {
      contributes: { tables: object; events: Record<string, { properties: object }> };
    };
    for (const table of Object.keys(contributes.tables)) {
      const path = `schema/${table.replaceAll('_', '-')}.row.schema.json`;
      assert.ok(existsSync(new URL(path, root)), path);
      for (const row of await tenant.rows(table)) check(read(path), row, `table ${table}`);
    }
    const kinds = new Set(tenant.emitted.map(({ name }) => name));
    assert.deepEqual([...kinds].toSorted(), ['tendril.leads.assigned', 'tendril.leads.disqualified', 'tendril.leads.qualified']);
    for (const { name, properties } of tenant.emitted) check(contributes.events[name]?.properties ?? {}, properties, name);
  });
});
