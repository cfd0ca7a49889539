import type { LoggedEvent } from '@tendril/plugin-api';
import type { EnvironmentName } from '../../src/environments.ts';
import type { RunRecord } from '../../src/pipelines/runs/records.ts';
import type { Refusal } from '../../src/pipelines/starts/refusals.ts';
import { refusalKey } from '../../src/pipelines/starts/refusals.ts';
import { PENDING, PENDING_EVENTS, REFUSALS } from '../../src/pipelines/starts/tables.ts';
import { RUNS } from '../../src/pipelines/tables.ts';
import { queryAll } from '../../src/tenants/index.ts';
import type { Process, RunWorld } from './run-world.ts';
import { TENANT } from './run-world.ts';

/** Hands events to the consumer and commits what it gives, as the follower of the log does: again when a condition does not hold. */
export async function deliver(world: RunWorld, process: Process, events: readonly LoggedEvent[]): Promise<void> {
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    const changes = await process.pipelines.triggerConsumer.handle(TENANT, events, new AbortController().signal);
    const tenant = await world.engine.tenants.open(TENANT);
    if ((await tenant.state.commit(changes)).ok) return;
  }
  throw new Error('the changes never held');
}

/** Deploys a pipeline of one step that calls `crm.a`. @param flow its members, in YAML */
export async function deployFlow(
  process: Process,
  flow: string,
  options: { readonly environment?: EnvironmentName; readonly id?: string } = {},
): Promise<void> {
  const { environment = 'production', id = 'a' } = options;
  const trigger = flow.includes('trigger:') ? '' : 'trigger: { event: Signup Completed }\n';
  const ids = flow.includes('batch:') ? ', ids: "${{ events.map(e, e.id) }}"' : '';
  const source = `pipeline: ${id}\n${trigger}${flow}\nsteps: [{ action: crm.a, with: { event: "\${{ event.id }}"${ids} } }]`;
  await process.pipelines.service(TENANT).deploy(source, { environment });
}

/** All runs, in the order of their events. */
export async function allRuns(world: RunWorld): Promise<readonly RunRecord[]> {
  const runs = (await queryAll(world.tenant.state, RUNS)).map(({ value }) => value as unknown as RunRecord);
  return runs.toSorted((a, b) => (a.position ?? 0) - (b.position ?? 0));
}

/** The ids of the events that runs were started for, in their order. */
export async function startedFor(world: RunWorld): Promise<readonly (string | undefined)[]> {
  return (await allRuns(world)).map(({ eventId }) => eventId);
}

/** Why an event started nothing of its own. */
export async function refusalOf(world: RunWorld, event: LoggedEvent, pipeline = 'a'): Promise<Refusal | undefined> {
  const [row] = await world.tenant.state.get(REFUSALS, [refusalKey(pipeline, event.id)]);
  return row?.value as unknown as Refusal | undefined;
}

/** How many rows gather something. */
export async function pendingRows(world: RunWorld): Promise<number> {
  const [heads, events] = await Promise.all([queryAll(world.tenant.state, PENDING), queryAll(world.tenant.state, PENDING_EVENTS)]);
  return heads.length + events.length;
}
