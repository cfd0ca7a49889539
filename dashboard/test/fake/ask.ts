import type {
  Backfill,
  DryRunAnswer,
  Explanation,
  JsonObject,
  LoggedEvent,
  PipelineInfo,
  RehearsalAnswer,
  StartReason,
} from '../../src/api/types.ts';

/** What became of an event at the pipelines of its name. */
export function makeReasons(event: LoggedEvent, pipelines: readonly PipelineInfo[]): readonly StartReason[] {
  return pipelines
    .filter(({ trigger }) => trigger['event'] === event.name)
    .map((pipeline) => {
      const isMet = event.properties['source'] !== 'phone';
      return {
        pipeline: pipeline.id,
        version: pipeline.version,
        environment: pipeline.environment ?? 'production',
        eventId: event.id,
        position: event.position,
        at: event.receivedAt,
        isStarted: isMet,
        code: isMet ? 'started' : 'where',
        reason: isMet ? 'It started a run.' : 'The condition of the trigger was not true.',
        ...(isMet ? { runId: 'run_000064', runState: 'succeeded' as const } : {}),
        conditions: [
          { expression: 'event.properties.source != "phone"', value: isMet, isMet },
          { expression: 'event.properties.campaign > 0', value: true, isMet: true },
        ],
      };
    });
}

/** Why a pipeline did or did not do something for a person. */
export function makeExplanation(pipeline: PipelineInfo, person: string, events: readonly LoggedEvent[]): Explanation {
  const theirs = events.filter(({ profileId, name }) => profileId === person && name === pipeline.trigger['event']).toReversed();
  return {
    pipeline: pipeline.id,
    personId: person,
    summary: `${pipeline.id} started nothing for ${person}: the condition of its trigger was not true.`,
    starts: theirs.flatMap((event) => makeReasons(event, [pipeline])),
    heldBack: [{ runId: 'run_000064', path: '1.else.0', action: 'email.send', reason: 'frequency_cap', at: Date.now() - 60_000 }],
  };
}

/** A run that was played through; its event is refused when it has another name than the trigger. */
export function makeDryRun(asked: JsonObject, now: number): DryRunAnswer {
  return {
    simulation: {
      state: 'succeeded',
      startedAt: now,
      endedAt: now + 3 * 86_400_000,
      steps: [
        {
          path: '0',
          id: 'score',
          kind: 'action',
          state: 'succeeded',
          startedAt: now,
          endedAt: now + 4,
          output: { probability: 0.31 },
        },
        { path: '1', kind: 'wait', state: 'succeeded', startedAt: now + 4, endedAt: now + 3 * 86_400_000 },
        { path: '2', kind: 'action', state: 'succeeded', startedAt: now + 3 * 86_400_000, endedAt: now + 3 * 86_400_000 },
      ],
      calls: [
        {
          path: '0',
          action: 'leads.score',
          effect: 'read',
          input: { person: asked['person'] ?? 'nobody' },
          at: now,
          output: { probability: 0.31 },
          answeredBy: 'action',
        },
        {
          path: '2',
          action: 'email.send',
          connection: 'smtp',
          effect: 'send',
          input: { person: asked['person'] ?? 'nobody', template: 'nudge' },
          at: now + 3 * 86_400_000,
          answeredBy: 'schema',
          heldBack: 'consent',
        },
      ],
      emitted: [],
    },
  };
}

/** What a pipeline would have done over the stored log. */
export function makeRehearsal(now: number): RehearsalAnswer {
  const call = {
    path: '2',
    action: 'email.send',
    effect: 'send' as const,
    input: { template: 'nudge' },
    at: now - 5_000_000,
    answeredBy: 'schema' as const,
  };
  return {
    rehearsal: {
      from: now - 7 * 86_400_000,
      to: now,
      events: 1_204,
      matched: 2,
      notStarted: { where: 1_190, imported: 12 },
      byState: { succeeded: 2 },
      actions: [
        { action: 'email.send', effect: 'send', calls: 2, people: 2, heldBack: 1 },
        { action: 'ads.boost', effect: 'spend', calls: 1, people: 1, heldBack: 0, cost: { EUR: 12.5 } },
      ],
      runs: [
        { eventId: 'msg-1', position: 11, at: now - 5_000_000, personId: 'prs_00001', state: 'succeeded', calls: [call] },
        {
          eventId: 'msg-2',
          position: 12,
          at: now - 4_000_000,
          personId: 'prs_00002',
          state: 'succeeded',
          calls: [{ ...call, heldBack: 'consent' }],
        },
      ],
      caveats: ['Profiles are as they are today, not as they were then.'],
    },
  };
}

/** A backfill that has been counted or has begun. */
export function makeBackfill(pipeline: string, asked: JsonObject, now: number): Backfill {
  return {
    id: `bf_${String(now)}`,
    pipeline,
    state: asked['isDry'] === true ? 'done' : 'running',
    from: typeof asked['from'] === 'string' ? asked['from'] : now,
    to: now,
    events: 40,
    started: asked['isDry'] === true ? 17 : 3,
    position: { first: 100, now: asked['isDry'] === true ? 200 : 120, last: 200 },
  };
}
