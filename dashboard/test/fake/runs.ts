import type { JsonObject, Run, RunState, StepInfo } from '../../src/api/types.ts';
import type { FakePerson } from './people.ts';
import type { Random } from './random.ts';

/** Makes a run of `qualify_lead` for a person, in a state that suits its steps. */
export function makeRun(random: Random, index: number, { person, lead }: FakePerson, startedAt: number, state: RunState): Run {
  const probability = lead.probability ?? 0;
  const isHot = probability >= 0.4 || state === 'needs_review' || state === 'blocked';
  const steps = isHot
    ? hotSteps(random, person.traits, probability, startedAt, state)
    : coldSteps(random, person.id, probability, startedAt, state);
  const last = steps.at(-1);
  const isOver = state === 'succeeded' || state === 'failed' || state === 'stopped';
  return {
    id: `run_${String(index).padStart(6, '0')}`,
    pipeline: 'qualify_lead',
    version: 4,
    state,
    startedAt,
    ...(isOver ? { endedAt: last?.endedAt ?? startedAt + 40 } : {}),
    personId: person.id,
    eventId: `evt-${String(index)}`,
    isTest: true,
    requestId: `req_${String(9000 + index)}`,
    ...(state === 'failed' || state === 'blocked' ? { error: last?.error ?? {} } : {}),
    settings: { threshold: 0.4, rating: 'Hot' },
    steps,
  };
}

function scoreSteps(personId: string, probability: number, at: number): StepInfo[] {
  return [
    {
      path: '0',
      id: 'score',
      kind: 'action',
      action: 'leads.score',
      state: 'succeeded',
      attempts: 1,
      startedAt: at,
      endedAt: at + 3,
      input: { person: personId },
      output: { probability: Number(probability.toFixed(4)), modelVersion: 3 },
    },
    {
      path: '1',
      kind: 'if',
      state: 'succeeded',
      attempts: 1,
      startedAt: at + 3,
      endedAt: at + 4,
      output: { branch: probability >= 0.4 ? 'then' : 'else' },
    },
  ];
}

function hotSteps(random: Random, traits: JsonObject, probability: number, at: number, state: RunState): StepInfo[] {
  const steps = scoreSteps('prs', Math.max(probability, 0.41), at);
  const email = traits['email'] ?? '';
  const took = random.whole(18, 190);
  const common = {
    path: '1.then.0',
    kind: 'action',
    action: 'salesforce.upsert_lead',
    connection: 'sales_eu',
    startedAt: at + 4,
    input: { email, lastName: traits['lastName'] ?? '', rating: 'Hot' },
  } as const;
  if (state === 'needs_review')
    return [
      ...steps,
      {
        ...common,
        action: 'webhook.send',
        state,
        attempts: 1,
        error: { code: 'STEP_OUTCOME_UNKNOWN', title: 'The worker died inside a call that cannot be asked again.' },
      },
    ];
  if (state === 'blocked')
    return [
      ...steps,
      {
        ...common,
        state,
        attempts: 2,
        error: { code: 'CONNECTION_NEEDS_LOGIN', title: 'The connection needs a new login.', remedy: 'reconnect', connection: 'sales_eu' },
      },
    ];
  if (state === 'failed')
    return [
      ...steps,
      {
        ...common,
        state,
        attempts: 6,
        endedAt: at + 61_000,
        error: {
          code: 'UPSTREAM_REFUSED',
          title: 'The remote service refused the request.',
          remedy: 'fix-input',
          status: 400,
          field: 'Company',
        },
      },
    ];
  if (state === 'running') return [...steps, { ...common, state, attempts: 1 }];
  const end = at + 4 + took;
  return [
    ...steps,
    {
      ...common,
      state: 'succeeded',
      attempts: random.next() > 0.8 ? 2 : 1,
      endedAt: end,
      output: { id: `00Q5e00000${String(random.whole(10_000, 99_999))}`, created: true },
    },
    {
      path: '1.then.1',
      kind: 'action',
      action: 'hubspot.upsert_contact',
      connection: 'marketing',
      state: 'succeeded',
      attempts: 1,
      startedAt: end,
      endedAt: end + 31,
      input: { email },
      output: { id: String(random.whole(100_000, 999_999)) },
    },
    {
      path: '1.then.2',
      kind: 'action',
      action: 'segment.track',
      connection: 'segment',
      state: 'succeeded',
      attempts: 1,
      startedAt: end + 31,
      endedAt: end + 44,
      input: { event: 'Lead Qualified' },
      output: { ok: true },
    },
  ];
}

function coldSteps(random: Random, personId: string, probability: number, at: number, state: RunState): StepInfo[] {
  const took = random.whole(9, 40);
  const isGoing = state === 'running' || state === 'sleeping';
  return [
    ...scoreSteps(personId, probability, at),
    { path: '1.else.0', kind: 'if', state: 'succeeded', attempts: 1, startedAt: at + 4, endedAt: at + 4, output: { branch: 'then' } },
    {
      path: '1.else.0.then.0',
      kind: 'action',
      action: 'email.send',
      state,
      attempts: 1,
      startedAt: at + 5,
      ...(isGoing ? {} : { endedAt: at + 5 + took }),
      input: { person: personId, template: 'nudge' },
      ...(isGoing ? {} : { output: { messageId: `<${String(random.whole(1e6, 1e7))}@tendril.example.invalid>`, accepted: true } }),
    },
  ];
}
