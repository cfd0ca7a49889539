import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { PipelineFault, RunState } from '../contract.ts';
import { toSimulation } from './simulation.ts';
import { assumedConnections } from './assumed-connections.ts';
import { judge } from '../starts/judge.ts';
import { asDeployed, personOfEvent, readAsked, readProfile, realReads } from './ask-parts.ts';
import type { AskedPipeline, AskParts, Asked } from './ask-parts.ts';
import type { DryRunOptions, Simulation } from './contract.ts';
import { simulatedEvent, SimulationWorld } from './simulation-world.ts';
import type { SimulatedEvent } from './simulation-world.ts';
import { createWouldBeHeldBack } from './would-be-held-back.ts';

const LONG_MS = 3_660 * 86_400_000;
const WAITING: ReadonlySet<RunState> = new Set(['needs_review', 'needs_approval', 'blocked']);

/** Plays one run through: reads are done, everything else is held back, waits take no time. */
export async function dryRun(
  parts: AskParts,
  asked: Asked,
  options: DryRunOptions,
): Promise<{ readonly faults: readonly PipelineFault[] } | { readonly simulation: Simulation }> {
  const pipeline = await readAsked(parts, asked, options);
  if ('faults' in pipeline) return pipeline;
  const sight = { unmasked: options.unmasked === true };
  const startedAt = parts.clock.now();
  const event = options.event === undefined ? undefined : toEvent(options.event, startedAt);
  const personId = await personOf(parts, options, event);
  const world = await createWorld(parts, pipeline, options, { startedAt, personId });
  await world.pipelines.deploy(pipeline.source);
  if (Object.keys(pipeline.settings).length > 0) await world.pipelines.configure(pipeline.id, pipeline.settings);
  await begin(world, pipeline, { event, personId, input: options.input });
  const isEndless = pipeline.checked.compiled.trigger.kind === 'schedule';
  await world.runUntil(startedAt + LONG_MS, async () => {
    const [first] = (await world.runs.list({ limit: 1 })).items;
    // A schedule would go on for ever while its run waits for somebody.
    return first !== undefined && (first.endedAt !== undefined || (isEndless && WAITING.has(first.state)));
  });
  const [info] = (await world.runs.list({ pipeline: pipeline.id, limit: 1 })).items;
  const run = info === undefined ? undefined : await world.runs.get(info.id, sight);
  if (run === undefined) throw await notStarted(parts, pipeline, { event, personId });
  return { simulation: toSimulation(run, world.actions.calls, world.emitted, sight) };
}

interface Given {
  readonly event: SimulatedEvent | undefined;
  readonly personId: string | undefined;
}

/** Says which part of the condition was not met, where it was the condition. */
async function notStarted(parts: AskParts, pipeline: AskedPipeline, { event, personId }: Given): Promise<TendrilError> {
  const about = { pipeline: pipeline.id };
  if (event === undefined) return new TendrilError('RUN_NOT_STARTED', { ...about, code: 'limits' });
  const profile = personId === undefined ? undefined : await readProfile(parts, personId);
  const placed = { ...event, position: 0, ...(personId === undefined ? {} : { profileId: personId }) };
  const { code, conditions } = judge(placed, asDeployed(pipeline), profile, event.receivedAt);
  return new TendrilError('RUN_NOT_STARTED', { ...about, code: code === 'started' ? 'limits' : code, conditions });
}

async function begin(
  world: SimulationWorld,
  { id, checked }: AskedPipeline,
  { event, personId, input }: Given & { readonly input: JsonObject | undefined },
): Promise<void> {
  const isByEvent = checked.compiled.trigger.event !== undefined;
  if (isByEvent && event === undefined && input === undefined)
    throw new TendrilError('INPUT_INVALID', { pointer: '/event', expected: 'an event, as the tracking API takes it' });
  if (isByEvent && event !== undefined) {
    if (event.name !== checked.compiled.trigger.event)
      throw new TendrilError('INPUT_INVALID', { pointer: '/event/event', expected: checked.compiled.trigger.event });
    await world.happen([{ ...event, ...(personId === undefined ? {} : { profileId: personId }) }]);
    return;
  }
  await world.pipelines.start(id, {
    isTest: true,
    ...(input === undefined ? {} : { input }),
    ...(personId === undefined ? {} : { personId }),
  });
}

async function createWorld(
  parts: AskParts,
  { checked }: AskedPipeline,
  { person }: DryRunOptions,
  { startedAt, personId }: { readonly startedAt: number; readonly personId: string | undefined },
): Promise<SimulationWorld> {
  const { tenant } = await parts.tenants.open(parts.tenantId);
  const given = typeof person === 'object' ? { traits: {}, identities: [], ...person, id: personId ?? '' } : undefined;
  let now = (): number => startedAt;
  const world = await SimulationWorld.create(
    {
      createStores: parts.createStores,
      tenant,
      at: startedAt,
      connections: await assumedConnections([checked.definition], (name) => parts.actions.find(parts.tenantId, name)),
      known: parts.actions,
      profileCapability: parts.profileCapability,
      profile: async (id) => (given !== undefined && id === personId ? given : readProfile(parts, id)),
      answer: realReads(parts),
      holdBack: createWouldBeHeldBack(parts, () => now()),
    },
    () => personId,
  );
  now = () => world.time.now();
  return world;
}

async function personOf(parts: AskParts, { person }: DryRunOptions, event: SimulatedEvent | undefined): Promise<string | undefined> {
  if (typeof person === 'string') return person;
  if (person !== undefined) return typeof person['id'] === 'string' ? person['id'] : 'dry-run-person';
  return event === undefined ? undefined : personOfEvent(parts, { ...event, position: 0 });
}

/** Of a call as the tracking API takes it. */
function toEvent(call: JsonObject, at: number): SimulatedEvent {
  const text = (name: string): string | undefined => (typeof call[name] === 'string' ? call[name] : undefined);
  const object = (name: string): JsonObject => {
    const value = call[name];
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
  };
  const userId = text('userId');
  const anonymousId = text('anonymousId');
  const kind = text('type') ?? 'track';
  const name = text('event') ?? (kind === 'track' ? undefined : `$${kind}`);
  if (name === undefined) throw new TendrilError('INPUT_INVALID', { pointer: '/event/event', expected: 'the name of the event' });
  return simulatedEvent({
    id: text('messageId') ?? 'dry-run-event',
    name,
    kind: isKind(kind) ? kind : 'track',
    occurredAt: at,
    identities: { ...(userId === undefined ? {} : { userId }), ...(anonymousId === undefined ? {} : { anonymousId }) },
    properties: object('properties'),
    traits: object('traits'),
    context: object('context'),
  });
}

function isKind(kind: string): kind is SimulatedEvent['kind'] {
  return ['track', 'identify', 'page', 'screen', 'group', 'alias'].includes(kind);
}
