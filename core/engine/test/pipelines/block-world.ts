import assert from 'node:assert/strict';
import { parse } from 'yaml';
import type { JsonObject } from '@tendril/plugin-api';
import type { FaultPoint, RunFaultPoint } from '../../src/pipelines/index.ts';
import { RUN_FAULT_POINTS } from '../../src/pipelines/index.ts';
import type { Definition } from '../../src/pipelines/definition.ts';
import { putDeployed } from '../../src/pipelines/deployed-records.ts';
import { DEFINITIONS, GENERATION_COUNTER } from '../../src/pipelines/tables.ts';
import type { Run } from '../../src/hub.ts';
import type { FakeAction } from './fake-actions.ts';
import { Crash, createRunWorld, TENANT } from './run-world.ts';
import type { Process, RunWorld } from './run-world.ts';

/** Puts a pipeline in force as it is: what the checker says about it is another test's subject. */
export async function putPipeline(world: RunWorld, source: string): Promise<void> {
  const definition = parse(source) as Definition;
  const id = definition.pipeline;
  const record = {
    id,
    environment: 'production',
    version: 1,
    isPaused: false,
    holdsRuns: false,
    settings: {},
    deployedAt: world.engine.time.now(),
    history: [],
  } as const;
  const value = { key: `${id}@1`, id, version: 1, source, definition, createdAt: 0 };
  const result = await world.tenant.state.commit([
    { op: 'put', table: DEFINITIONS, value: value as unknown as JsonObject },
    putDeployed(record, 0),
    { op: 'count', counter: GENERATION_COUNTER, by: 1 },
  ]);
  assert.ok(result.ok);
}

/** A pipeline that a sign-up starts. */
export function onSignup(steps: string, head = ''): string {
  return `pipeline: a\ntrigger: { event: Signup Completed }\n${head}steps:\n${steps}`;
}

/** A world in which one run has been started. */
export interface Started {
  readonly world: RunWorld;
  readonly process: Process;
  readonly runId: string;
}

/** Starts one run of the first pipeline. */
export async function startRun(fakes: Readonly<Record<string, FakeAction>>, ...sources: readonly string[]): Promise<Started> {
  const world = await createRunWorld();
  for (const source of sources) await putPipeline(world, source);
  const process = await world.boot(fakes);
  const [runId = ''] = await world.trigger(process);
  assert.notEqual(runId, '');
  return { world, process, runId };
}

/** Dies at the `count`th time that the line is reached. */
export function dieAt(point: RunFaultPoint, count: number): { readonly faultPoint: FaultPoint; readonly hasDied: () => boolean } {
  let seen = 0;
  return {
    faultPoint: (name) => {
      if (name !== point) return;
      seen += 1;
      if (seen === count) throw new Crash(name);
    },
    hasDied: () => seen >= count,
  };
}

/**
 * Lets the process die at every line, at the first times that each is reached, and another one go on.
 *
 * @returns at which lines it died
 */
export async function crashEverywhere(
  options: {
    readonly fakes: (world: RunWorld) => Readonly<Record<string, FakeAction>>;
    readonly sources: readonly string[];
    readonly times?: number;
    readonly withinMs?: number;
    readonly meanwhile?: (process: Process, runId: string, world: RunWorld) => Promise<void>;
  },
  judge: (run: Run, world: RunWorld, place: string, process: Process) => Promise<void> | void,
): Promise<ReadonlySet<string>> {
  const died = new Set<string>();
  const { times = 6, withinMs = 600_000 } = options;
  for (const point of RUN_FAULT_POINTS) {
    if (point === 'trigger.before-changes') continue;
    for (let count = 1; count <= times; count += 1) {
      const world = await createRunWorld();
      const fakes = options.fakes(world);
      for (const source of options.sources) await putPipeline(world, source);
      const death = dieAt(point, count);
      const first = await world.boot(fakes, { faultPoint: death.faultPoint });
      const [runId = ''] = await world.trigger(first);
      await options.meanwhile?.(first, runId, world).catch((error: unknown) => {
        assert.ok(error instanceof Crash);
      });
      const stepMs = Math.max(100, withinMs / 300);
      await world.engine.time.until(async () => death.hasDied() || (await world.run(first, runId)).endedAt !== undefined, stepMs);
      const place = `${point} ${String(count)}`;
      if (!death.hasDied()) {
        const stopped = first.worker.stop(0);
        await world.engine.time.advance(10_000);
        await stopped;
        await judge(await world.run(first, runId), world, `${place} (not reached)`, await world.boot(fakes));
        break;
      }
      died.add(point);
      const second = await world.boot(fakes);
      await options.meanwhile?.(second, runId, world);
      await judge(await world.settle(second, runId, withinMs), world, place, second);
    }
  }
  return died;
}

/** Steps by path, as `state`. */
export function states(run: Run): Readonly<Record<string, string>> {
  return Object.fromEntries(run.steps.map(({ path, state }) => [path, state]));
}

/** Inputs of the calls of an action, in their order. */
export function inputsOf(world: RunWorld, action: string): readonly JsonObject[] {
  return world.world.requests.filter((request) => request.action === action).map(({ input }) => input);
}

export { TENANT };
