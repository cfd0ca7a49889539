import assert from 'node:assert/strict';
import type { Run } from '../../src/hub.ts';
import type { RunFaultPoint } from '../../src/pipelines/index.ts';
import type { TenantLog, TenantState } from '../../src/ports.ts';
import { Crash, TENANT } from './run-world.ts';
import type { Process } from './run-world.ts';
import { createWaitsWorld } from './waits-world.ts';
import type { WaitsWorld } from './waits-world.ts';

const TIMEOUT_MS = 120_000;
const PIPELINE = `
pipeline: w
trigger: { event: Signup Completed }
steps:
  - id: opened
    wait: { event: Mail Opened, timeout: 2m }
    onTimeout: [{ emit: { event: Late } }, { action: crm.a, with: { was: late } }]
  - if: steps.opened.state == "succeeded"
    then: [{ action: crm.a, with: { was: "\${{ steps.opened.output.id }}" } }]
`;

/** Puts something in front of a call that the run makes of the stores. */
class Interruptions {
  calls = 0;
  isActive = false;
  before: (call: number) => Promise<void> = async () => undefined;

  async #step(): Promise<void> {
    if (!this.isActive) return;
    const call = this.calls;
    this.calls += 1;
    this.isActive = false;
    await this.before(call);
    this.isActive = true;
  }

  log(log: TenantLog): TenantLog {
    const head: TenantLog['head'] = async () => {
      await this.#step();
      return log.head();
    };
    const readPerson: TenantLog['readPerson'] = async (...args) => {
      await this.#step();
      return log.readPerson(...args);
    };
    return { ...log, head, readPerson };
  }

  state(state: TenantState): TenantState {
    const get: TenantState['get'] = async (...args) => {
      await this.#step();
      return state.get(...args);
    };
    const commit: TenantState['commit'] = async (changes) => {
      await this.#step();
      return state.commit(changes);
    };
    return { ...state, get, commit };
  }
}

interface Scene {
  readonly world: WaitsWorld;
  readonly interruptions: Interruptions;
  readonly process: Process;
}

async function scene(): Promise<Scene> {
  const world = await createWaitsWorld();
  const interruptions = new Interruptions();
  const { engine } = world.runs;
  const { log, state } = engine.stores;
  const [tenantLog, tenantState] = [log.tenant.bind(log), state.tenant.bind(state)];
  const boot = async (): Promise<Process> => {
    Object.assign(log, { tenant: (keys: Parameters<typeof tenantLog>[0]) => interruptions.log(tenantLog(keys)) });
    Object.assign(state, { tenant: (keys: Parameters<typeof tenantState>[0]) => interruptions.state(tenantState(keys)) });
    return world.boot();
  };
  const process = await boot();
  await process.pipelines.service(TENANT).deploy(PIPELINE);
  return { world, interruptions, process };
}

/** Starts the run with interruptions on, and lets time pass until it has ended. @returns how many calls could be interrupted */
async function play({ world, interruptions, process }: Scene, before: (call: number) => Promise<void>): Promise<Run> {
  await world.append('Signup Completed');
  await world.follow(process);
  interruptions.before = before;
  interruptions.isActive = true;
  const { time } = world.runs.engine;
  const [runId = ''] = await world.runIds();
  await world.rest(process, runId);
  interruptions.isActive = false;
  for (let turn = 0; turn < 3 && (await world.runs.run(process, runId)).endedAt === undefined; turn += 1) {
    await world.follow(process);
    await time.advance(TIMEOUT_MS / 2 + 10_000);
  }
  return world.runs.run(process, runId);
}

/** One of both happened, once, and nothing is left. */
async function assertOneOutcome({ world, process }: Scene, run: Run, name: string): Promise<string> {
  assert.equal(run.state, 'succeeded', name);
  const calls = world.runs.world.requests.filter(({ action }) => action === 'crm.a');
  assert.equal(calls.length, 1, `${name}: one way is gone`);
  assert.equal(await world.leftovers(), 0, `${name}: nothing is left`);
  const late = (await world.runs.engine.stores.state.outbox.take(100)).filter(({ event }) => event.name === 'Late').length;
  const was = calls[0]?.input['was'] as string;
  assert.equal(late, was === 'late' ? 1 : 0, `${name}: events tell what happened`);
  await world.follow(process, { again: true });
  assert.equal((await world.runs.run(process, run.id)).state, 'succeeded');
  return was;
}

describe('an event and its wait', () => {
  it('find each other in whatever order the event, the matcher and the run come', async function () {
    this.timeout(300_000);
    let calls = 0;
    const measured = await scene();
    await play(measured, async (call) => {
      calls = call;
    });
    for (let appendAt = 0; appendAt <= calls; appendAt += 1) {
      for (let followAt = appendAt; followAt <= calls + 1; followAt += 1) {
        const one = await scene();
        let first = '';
        const run = await play(one, async (call) => {
          if (call === appendAt) first = (await one.world.append('Mail Opened')).id;
          if (call === followAt) await one.world.follow(one.process);
          // A second event, and everything once more.
          if (call === followAt + 1) await one.world.append('Mail Opened');
          if (call === followAt + 1) await one.world.follow(one.process, { again: true });
        });
        const name = `event before call ${String(appendAt)}, matcher before call ${String(followAt)}`;
        assert.equal(await assertOneOutcome(one, run, name), first, name);
      }
    }
  });

  it('have one outcome when the time is over at the same moment', async function () {
    this.timeout(300_000);
    const outcomes = new Set<string>();
    // What wakes the run when its time is over makes these calls; one of them is interrupted.
    for (let at = 0; at < 12; at += 1) {
      for (const isLate of [false, true]) {
        const one = await scene();
        const { world, process, interruptions } = one;
        await world.append('Signup Completed');
        await world.follow(process);
        const [runId = ''] = await world.runIds();
        await world.rest(process, runId);
        const until = world.runs.engine.time.now() + TIMEOUT_MS;
        let expected = 'late';
        interruptions.before = async (call) => {
          if (call !== at) return;
          const event = await world.append('Mail Opened', { receivedAt: isLate ? until + 1 : until });
          // While the wait is there nothing is decided: what the matcher finds in time counts.
          if (!isLate && (await world.leftovers()) === 1) expected = event.id;
          await world.follow(process);
        };
        interruptions.isActive = true;
        await world.runs.engine.time.advance(TIMEOUT_MS + 10_000);
        interruptions.isActive = false;
        const run = await world.runs.settle(process, runId);
        const outcome = await assertOneOutcome(one, run, `event before call ${String(at)}`);
        assert.equal(outcome, expected, `event before call ${String(at)}`);
        outcomes.add(outcome === 'late' ? 'late' : 'in time');
      }
    }
    assert.deepEqual(outcomes, new Set(['late', 'in time']));
  });

  it('find each other after a death of the process at any line', async function () {
    this.timeout(300_000);
    const points = [
      'wait.before-register',
      'wait.after-register',
      'wait.before-look-back',
      'wait.after-look-back',
      'wait.before-arrival',
      'wait.before-end',
    ];
    for (const point of [
      ...points,
      'step.before-journal',
      'step.after-journal',
      'run.before-suspend',
      'run.after-suspend',
    ] as RunFaultPoint[]) {
      for (const count of [1, 2]) {
        for (const isTimeout of [false, true]) {
          const world = await createWaitsWorld();
          let seen = 0;
          const first = await world.boot({
            faultPoint: (name) => {
              if (name !== point) return;
              seen += 1;
              if (seen === count) throw new Crash(name);
            },
          });
          await first.pipelines.service(TENANT).deploy(PIPELINE);
          await world.append('Signup Completed');
          await world.follow(first);
          await world.runs.engine.time.advance(1_000);
          const event = isTimeout ? undefined : await world.append('Mail Opened');
          // A dead process answers nothing any more.
          if (seen < count) await world.follow(first).catch((error: unknown) => assert.ok(error instanceof Crash));
          await world.runs.engine.time.advance(isTimeout ? TIMEOUT_MS + 10_000 : 1_000);
          const second = await world.boot();
          await world.follow(second);
          const [runId = ''] = await world.runIds();
          const run = await world.runs.settle(second, runId, 2 * TIMEOUT_MS);
          const one: Scene = { world, process: second, interruptions: new Interruptions() };
          const name = `${point} ${String(count)}`;
          assert.equal(await assertOneOutcome(one, run, name), event?.id ?? 'late', name);
        }
      }
    }
  });
});
