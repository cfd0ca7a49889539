import type { Broadcast, Environment, JsonObject, PipelineInfo } from '../../src/api/types.ts';
import { makeBackfill, makeDryRun, makeExplanation } from './ask.ts';
import { makeBroadcast } from './waiting.ts';
import type { World } from './world.ts';

/** What is asked to be changed: the parts of the address and the body. */
interface Change {
  readonly collection: string;
  readonly id: string;
  readonly verb: string;
  readonly asked: JsonObject;
  readonly environment: string | undefined;
}

/** Answers what is read of one pipeline. */
export function askPipeline(world: World, id: string, extra: string | undefined, query: URLSearchParams): object | undefined {
  const pipeline = findPipeline(world, id, query.get('environment') ?? undefined);
  if (pipeline === undefined) return undefined;
  if (extra === 'explain') return makeExplanation(pipeline, query.get('person') ?? '', world.events);
  if (extra !== 'versions') return pipeline;
  const versions = Array.from({ length: 4 }, (_, index) => 4 - index);
  return {
    items: versions.map((version) => ({
      version,
      createdAt: Number(pipeline.deployedAt) - (4 - version) * 86_400_000,
      source: pipeline.source.replace('0.4', `0.${String(version)}`),
      environments: version === pipeline.version ? [pipeline.environment ?? 'production'] : [],
    })),
  };
}

/** Does what is asked of pipelines and broadcasts. */
export function changePipelines(world: World, change: Change): object | undefined {
  if (change.collection === 'broadcasts') return turnBroadcast(world, change.id, change.verb);
  if (change.collection === 'backfills') return cancelBackfill(world, change.id);
  if (change.id !== 'dry-run') return changePipeline(world, change);
  return JSON.stringify(change.asked).includes('"phone"') ? NOT_STARTED : makeDryRun(change.asked, Date.now());
}

function changePipeline(world: World, { id, verb, asked, environment }: Change): object | undefined {
  const pipeline = findPipeline(world, id, environment);
  if (pipeline === undefined) return undefined;
  const put = (part: Partial<PipelineInfo>): PipelineInfo => {
    const changed = { ...pipeline, ...part };
    world.pipelines[world.pipelines.indexOf(pipeline)] = changed;
    return changed;
  };
  switch (verb) {
    case 'settings': {
      const settings = asked['settings'] as JsonObject;
      return settings['sender'] === 'refused@example.invalid' ? REFUSED : put({ settings });
    }
    case 'pause':
      return put({ isPaused: true, holdsRuns: asked['holdRuns'] === true });
    case 'resume':
      return put({ isPaused: false, holdsRuns: false });
    case 'rollback':
      return put({ version: Number(asked['version']) });
    case 'promote': {
      const promoted = { ...pipeline, environment: asked['to'] as Environment };
      world.pipelines.push(promoted);
      return promoted;
    }
    case 'runs':
      return { runId: 'run_000064', isNew: true };
    case 'backfills': {
      const backfill = makeBackfill(id, asked, Date.now());
      if (asked['isDry'] !== true) world.backfills.push(backfill);
      return backfill;
    }
    case 'broadcasts': {
      const people = Array.isArray(asked['people']) ? asked['people'].length : undefined;
      const broadcast = makeBroadcast(`bc_${String(world.broadcasts.length + 1)}`, people, Date.now());
      world.broadcasts.push(broadcast);
      return broadcast;
    }
    default:
      return undefined;
  }
}

function findPipeline(world: World, id: string, environment = 'production'): PipelineInfo | undefined {
  return world.pipelines.find((each) => each.id === id && (each.environment ?? 'production') === environment);
}

function turnBroadcast(world: World, id: string, verb: string): Broadcast | undefined {
  const index = world.broadcasts.findIndex((each) => each.id === id);
  const broadcast = world.broadcasts[index];
  if (broadcast === undefined) return undefined;
  const changed: Broadcast = { ...broadcast, state: verb === 'pause' ? 'paused' : verb === 'resume' ? 'running' : 'cancelled' };
  world.broadcasts[index] = changed;
  return changed;
}

function cancelBackfill(world: World, id: string): object | undefined {
  const index = world.backfills.findIndex((each) => each.id === id);
  const backfill = world.backfills[index];
  if (backfill === undefined) return undefined;
  world.backfills[index] = { ...backfill, state: 'cancelled' };
  return world.backfills[index];
}

const NOT_STARTED = {
  title: 'The run was not started.',
  status: 409,
  code: 'RUN_NOT_STARTED',
  remedy: 'fix-input',
  details: { code: 'where', conditions: [{ expression: 'event.properties.source != "phone"', value: false, isMet: false }] },
};

const REFUSED = {
  title: 'The settings do not match their schema.',
  status: 422,
  code: 'INPUT_INVALID',
  remedy: 'fix-input',
  details: { problems: [{ pointer: '/sender', message: 'is not an address of this tenant' }] },
};
