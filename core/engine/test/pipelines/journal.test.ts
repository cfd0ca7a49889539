import assert from 'node:assert/strict';
import { Journal } from '../../src/pipelines/runs/journal.ts';
import { Superseded } from '../../src/pipelines/runs/outcome.ts';
import { journalKey } from '../../src/pipelines/runs/records.ts';
import type { StepRecord } from '../../src/pipelines/runs/records.ts';
import { JOURNAL, RUNS } from '../../src/pipelines/tables.ts';
import type { Change } from '../../src/ports.ts';
import { createRunWorld } from './run-world.ts';
import type { RunWorld } from './run-world.ts';

const RUN = 'r1';
const REFUSED: readonly Change[] = [{ op: 'put', table: RUNS, value: { id: 'other' }, expect: 9 }];

function step(path: string, kind: string, state: StepRecord['state'] = 'succeeded'): StepRecord {
  return { key: journalKey(RUN, path), path, kind, state, attempts: 1, startedAt: 0 };
}

async function heldJournal(): Promise<{ readonly world: RunWorld; readonly journal: Journal }> {
  const world = await createRunWorld();
  const { engine, tenant } = world;
  await tenant.state.commit([{ op: 'job', job: { id: RUN, kind: 'test', priority: 5, dueAt: 0 } }]);
  const [claim] = await engine.stores.state.jobs.claimDue('w', { limit: 1, leaseMs: 30_000, kinds: ['test'] });
  assert.ok(claim !== undefined);
  const lease = { claim, signal: new AbortController().signal, onNudge: () => () => undefined };
  const nothing = (): void => undefined;
  const journal = new Journal({
    runId: RUN,
    state: tenant.state,
    lease,
    timers: engine.time,
    fault: nothing,
    records: [],
    listen: nothing,
  });
  return { world, journal };
}

describe('a journal', () => {
  it('takes back a result that did not hold and what was computed after it, but no call that was made', async () => {
    const { world, journal } = await heldJournal();
    journal.note(step('0', 'set'));
    journal.note(step('1', 'wait'), REFUSED);
    journal.note(step('2', 'set'));
    journal.note(step('3', 'action'));
    journal.note(step('4', 'action', 'failed'));
    journal.note(step('5', 'action', 'skipped'));
    await assert.rejects(journal.flush(), Superseded);
    const kept = ['0', '3', '4'];
    assert.deepEqual([...journal.records()].map(({ path }) => path).toSorted(), kept);
    const { items } = await world.tenant.state.query(JOURNAL, { limit: 10 });
    assert.deepEqual(
      items.map(({ value }) => value['path']),
      kept,
    );
  });
});
