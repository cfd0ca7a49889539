import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type {
  Approval,
  BackfillInfo,
  BroadcastInfo,
  PipelineInfo,
  Run,
  RunInfo,
  Simulation,
  StartReason,
  TenantHub,
} from '@tendril/engine';
import { fakeRun, MADE_AT } from './fake-records.ts';

/** A call of a service, as the server made it. */
export interface Asked {
  readonly name: string;
  readonly given: readonly unknown[];
}

type Services = Pick<TenantHub, 'pipelines' | 'runs' | 'webhooks' | 'ask' | 'broadcasts'>;

/** What the fakes are made with. */
export interface FakePipelinesNeeds {
  readonly asked: Asked[];
  readonly runListeners: Set<(run: RunInfo) => void>;
}

/** The services of the pipelines' room in memory: they remember what they were asked, and know one run, one approval and what was deployed. */
export function createFakePipelines({ asked, runListeners }: FakePipelinesNeeds): Services {
  const note = (name: string, ...given: readonly unknown[]): void => void asked.push({ name, given });
  return { ...createPipelines(note), runs: createRuns(note, runListeners), ask: createAsk(note), broadcasts: createBroadcasts(note) };
}

type Note = (name: string, ...given: readonly unknown[]) => void;

const fault = {
  code: 'PIPELINE_UNKNOWN_ACTION',
  message: 'no such action',
  line: 3,
  column: 5,
  pointer: '/steps/0/action',
  suggestion: 'leads.score',
} as const;

function createPipelines(note: Note): Pick<Services, 'pipelines' | 'webhooks'> {
  const pipelines = new Map<string, PipelineInfo>();
  const find = (id: string): PipelineInfo => {
    const found = pipelines.get(id);
    if (found === undefined) throw new TendrilError('PIPELINE_UNKNOWN', { pipeline: id });
    return found;
  };
  const set = (id: string, change: Partial<PipelineInfo>): PipelineInfo => {
    const changed = { ...find(id), ...change };
    pipelines.set(id, changed);
    return changed;
  };
  return {
    pipelines: {
      validate: async (source) => (source.includes('typo') ? [fault] : []),
      deploy: async (source, options = {}) => {
        note('deploy', source, options);
        if (source.includes('typo')) throw new TendrilError('PIPELINE_INVALID', { faults: [{ line: 3, column: 5 }] });
        const made: PipelineInfo = {
          id: 'welcome',
          title: 'Welcome',
          environment: options.environment ?? 'production',
          version: (pipelines.get('welcome')?.version ?? 0) + 1,
          isPaused: false,
          source,
          settings: {},
          settingsSchema: {},
          inputSchema: { type: 'object' },
          trigger: { event: 'Order Completed' },
          deployedAt: MADE_AT,
          nextAt: MADE_AT,
          webhookPath: '/hooks/acme/secret-address',
        };
        pipelines.set('welcome', made);
        return made;
      },
      list: async (environment) => [...pipelines.values()].filter((each) => environment === undefined || each.environment === environment),
      get: async (id, environment = 'production') => {
        const found = pipelines.get(id);
        return found?.environment === environment ? found : undefined;
      },
      versions: async (id) => [{ version: find(id).version, createdAt: MADE_AT, source: find(id).source, environments: ['production'] }],
      rollback: async (id, options = {}) => {
        note('rollback', id, options);
        return set(id, { version: options.version ?? find(id).version - 1 });
      },
      promote: async (id, from, to) => {
        note('promote', id, from, to);
        return set(id, { environment: to });
      },
      undeploy: async (id, environment) => {
        note('undeploy', id, environment);
        find(id);
        pipelines.delete(id);
      },
      configure: async (id, settings) => set(id, { settings }),
      pause: async (id, options) => {
        note('pause', id, options);
        set(id, { isPaused: true });
      },
      resume: async (id, environment) => {
        note('resume', id, environment);
        set(id, { isPaused: false });
      },
      start: async (id, options) => {
        note('start', id, options);
        if (find(id).isPaused) throw new TendrilError('PIPELINE_PAUSED', { pipeline: id });
        return { runId: 'run-1', isNew: options?.idempotencyKey === undefined };
      },
    },
    webhooks: {
      setSecret: async (id, secret, environment) => {
        note('setSecret', id, secret, environment);
        find(id);
      },
      rotate: async (id) => ({ webhookPath: `/hooks/acme/${find(id).id}-other` }),
    },
  };
}

const approval: Approval = {
  id: 'run-1/0',
  runId: 'run-1',
  path: '0',
  pipeline: 'welcome',
  by: 'sales',
  askedAt: MADE_AT,
  until: MADE_AT + 1,
  isTest: false,
};

function createRuns(note: Note, listeners: Set<(run: RunInfo) => void>): Services['runs'] {
  const runs = new Map<string, Run>([['run-1', fakeRun('run-1')]]);
  const find = (id: string): Run => {
    const found = runs.get(id);
    if (found === undefined) throw new TendrilError('RUN_UNKNOWN', { run: id });
    return found;
  };
  let decided: boolean | undefined;
  return {
    list: async (filter) => {
      note('list', filter);
      return { items: [...runs.values()].map(({ steps: _steps, settings: _settings, requestId: _requestId, ...info }) => info) };
    },
    get: async (id, options) => {
      note('get', id, options);
      return runs.get(id);
    },
    count: async () => [{ group: 'needs_review', count: 1 }],
    resolve: async (id) => void find(id),
    cancel: async (id, options = {}) => {
      note('cancel', id, options);
      if (find(id).state === 'cancelled') throw new TendrilError('RUN_ENDED', { run: id });
      runs.set(id, { ...find(id), state: 'cancelled', ...(options.reason === undefined ? {} : { reason: options.reason }) });
    },
    replay: async (id, options) => {
      note('replay', id, options);
      return { runId: `${find(id).id}-again` };
    },
    replayMany: async (filter, options) => {
      note('replayMany', filter, options);
      return { matched: 2, started: options.isDry ? 0 : 1, refused: { INPUT_INVALID: 1 }, runIds: options.isDry ? [] : ['run-2'] };
    },
    approvals: async () => ({ items: decided === undefined ? [approval] : [] }),
    decide: async (id, decision) => {
      note('decide', id, decision);
      if (id !== approval.id) throw new TendrilError('NOT_FOUND', { approvalId: id });
      if (decided !== undefined && decided !== decision.isApproved) throw new TendrilError('CONFLICT', { approvalId: id });
      decided = decision.isApproved;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const simulation: Simulation = {
  state: 'succeeded',
  startedAt: MADE_AT,
  endedAt: MADE_AT,
  steps: [{ path: '0', kind: 'action', state: 'succeeded', startedAt: MADE_AT, endedAt: MADE_AT }],
  calls: [
    { path: '0', action: 'email.send', effect: 'send', input: { to: 'p-1' }, at: MADE_AT, answeredBy: 'example', heldBack: 'quiet hours' },
  ],
  emitted: [{ event: 'Welcomed', properties: {}, at: MADE_AT }],
};

function reason(event: string | number): StartReason {
  return {
    pipeline: 'welcome',
    version: 1,
    environment: 'production',
    eventId: String(event),
    position: 7,
    at: MADE_AT,
    isStarted: false,
    code: 'where',
    reason: 'Its condition is not met.',
    conditions: [{ expression: 'event.properties.total > 5', value: false, isMet: false }],
  };
}

function createAsk(note: Note): Services['ask'] {
  const backfills: BackfillInfo[] = [];
  return {
    dryRun: async (pipeline, options) => {
      note('dryRun', pipeline, options);
      return 'source' in pipeline && pipeline.source.includes('typo') ? { faults: [fault] } : { simulation };
    },
    rehearse: async (pipeline, options) => {
      note('rehearse', pipeline, { lastMs: options.lastMs, limit: options.limit, unmasked: options.unmasked });
      if ('id' in pipeline && pipeline.id !== 'welcome') throw new TendrilError('PIPELINE_UNKNOWN', { pipeline: pipeline.id });
      if ('source' in pipeline && pipeline.source.includes('typo')) return { faults: [fault] };
      options.onProgress?.(1, 2);
      options.onProgress?.(2, 2);
      const { calls } = simulation;
      const run = { eventId: 'm-1', position: 1, at: MADE_AT, personId: 'p-1', state: 'succeeded', calls } as const;
      return {
        rehearsal: {
          from: MADE_AT - options.lastMs,
          to: MADE_AT,
          events: 3,
          matched: 1,
          notStarted: { where: 2 },
          byState: { succeeded: 1 },
          actions: [{ action: 'email.send', effect: 'send', calls: 1, people: 1, heldBack: 1, cost: { EUR: 0.5 } }],
          runs: [run],
          caveats: ['Profiles are as they are today.'],
        },
      };
    },
    explain: async (person, pipeline, options) => {
      note('explain', person, pipeline, options);
      if (person === 'nobody') throw new TendrilError('NOT_FOUND', { what: 'person', person });
      const heldBack = [{ runId: 'run-1', path: '0', action: 'email.send', reason: 'quiet hours', at: MADE_AT }];
      return { pipeline, personId: person, summary: 'It was not started.', starts: [reason('m-1')], heldBack };
    },
    why: async (event) => {
      note('why', event);
      if (event === 'unknown' || event === '41') throw new TendrilError('NOT_FOUND', { what: 'event' });
      return [reason(event)];
    },
    backfill: async (pipeline, options) => {
      note('backfill', pipeline, options);
      const { from, to = MADE_AT } = options;
      const position = { first: 1, now: 1, last: 9 };
      const made: BackfillInfo = { id: 'b-1', pipeline, state: 'running', from, to, events: 0, started: 0, position };
      if (options.isDry !== true) backfills.push(made);
      return made;
    },
    backfills: async () => backfills,
    cancelBackfill: async (id) => {
      const index = backfills.findIndex((each) => each.id === id);
      const found = backfills[index];
      if (found === undefined) throw new TendrilError('NOT_FOUND', { what: 'backfill', backfill: id });
      backfills[index] = { ...found, state: 'cancelled' };
    },
  };
}

function createBroadcasts(note: Note): Services['broadcasts'] {
  const broadcasts = new Map<string, BroadcastInfo>();
  const set = (id: string, state: BroadcastInfo['state']): void => {
    const found = broadcasts.get(id);
    if (found === undefined) throw new TendrilError('NOT_FOUND', { broadcast: id });
    broadcasts.set(id, { ...found, state });
  };
  return {
    send: async (pipeline, options) => {
      note('send', pipeline, options);
      if (pipeline !== 'newsletter') throw new TendrilError('PIPELINE_UNKNOWN', { pipeline });
      const counts = { total: options.people?.length ?? 10, started: 0, succeeded: 0, failed: 0, skipped: 0 };
      const made: BroadcastInfo = { id: 'bc-1', pipeline, version: 1, state: 'running', createdAt: MADE_AT, ...counts };
      broadcasts.set(made.id, made);
      return made;
    },
    list: async (filter) => {
      note('broadcasts', filter);
      return { items: [...broadcasts.values()] };
    },
    get: async (id) => broadcasts.get(id),
    pause: async (id) => set(id, 'paused'),
    resume: async (id) => set(id, 'running'),
    cancel: async (id, options) => {
      note('cancelBroadcast', id, options);
      set(id, 'cancelled');
    },
  };
}

/** What a service was asked last. */
export function lastAsked(asked: readonly Asked[], name: string): readonly unknown[] {
  return (asked.findLast((each) => each.name === name)?.given ?? []).map(
    (value) => JSON.parse(JSON.stringify(value ?? null)) as JsonObject,
  );
}
