import assert from 'node:assert/strict';
import { createMemoryStores } from '@tendril/testkit/stores';
import { checkPipeline, PROFILE_CAPABILITY } from '../../../src/pipelines/index.ts';
import type { ActionDescription } from '../../../src/actions/contract.ts';
import { testPipeline } from '../../../src/pipelines/ask/test-pipeline.ts';
import type { TestResult } from '../../../src/pipelines/ask/test-pipeline.ts';

const ACTIONS: readonly ActionDescription[] = [
  action('leads.score', 'read', { output: { type: 'object', properties: { probability: { type: 'number' } }, required: ['probability'] } }),
  action('crm.upsert', 'write', { connectionKinds: ['crm'], examples: [{ input: {}, output: { id: 'lead-1' } }] }),
  action('email.send', 'send', { idempotency: 'none' }),
];

function action(name: string, effect: ActionDescription['effect'], more: Partial<ActionDescription> = {}): ActionDescription {
  return {
    name,
    plugin: name.split('.')[0] ?? '',
    title: name,
    effect,
    idempotency: 'key',
    input: { type: 'object' },
    output: { type: 'object' },
    timeoutMs: 30_000,
    connectionKinds: [],
    ...more,
  };
}

async function test(pipeline: string, cases: string): Promise<TestResult> {
  const find = async (name: string): Promise<ActionDescription | undefined> => ACTIONS.find((candidate) => candidate.name === name);
  return testPipeline(cases, 'welcome.test.yaml', {
    environment: { findAction: find, actionNames: () => ACTIONS.map(({ name }) => name), connections: async () => undefined },
    check: checkPipeline,
    known: { list: () => ACTIONS, find: (_tenantId, name) => find(name) },
    profileCapability: PROFILE_CAPABILITY,
    createStores: (clock) => createMemoryStores({ clock }),
    readBeside: async (_file, name) => {
      if (name !== 'welcome.yaml') throw new Error('no such file');
      return pipeline;
    },
    timer: () => 0,
  });
}

const WELCOME = `
pipeline: welcome
settings: { threshold: { type: number, default: 0.6 } }
trigger: { event: Signup Completed, where: event.properties.plan != "free" }
steps:
  - { id: score, action: leads.score, with: { person: "\${{ profile.id }}" } }
  - if: steps.score.output.probability >= settings.threshold
    then:
      - { id: crm, action: crm.upsert, with: { email: "\${{ profile.traits.email }}" } }
    else:
      - wait: 3d
      - { id: nudge, action: email.send, with: { to: "\${{ profile.traits.email }}" } }
`;

describe('testing a pipeline', () => {
  it('plays the cases of a file: what starts it, what actions answer, what it does and when', async () => {
    const result = await test(
      WELCOME,
      `
defaults:
  profile: { id: p7, traits: { email: ada@example.com } }
cases:
  - name: a hot lead goes to the CRM
    event: { event: Signup Completed, properties: { plan: pro } }
    actions: { leads.score: { output: { probability: 0.9 } } }
    expect:
      state: succeeded
      calls: [{ action: crm.upsert, step: crm, with: { email: ada@example.com }, after: 0s }]
      never: [email.send]
      steps: { score: succeeded, crm: succeeded, nudge: absent }
  - name: a cold one is nudged after three days
    event: { event: Signup Completed, properties: { plan: pro } }
    actions: { leads.score: { output: { probability: 0.1 } } }
    expect:
      state: succeeded
      calls: [{ action: email.send, after: 3d, at: 2026-01-08T09:00:00Z }]
      lasts: 3d
  - name: settings decide
    settings: { threshold: 0.05 }
    event: { event: Signup Completed, properties: { plan: pro } }
    actions: { leads.score: { output: { probability: 0.1 } } }
    expect: { calls: [{ action: crm.upsert }] }
  - name: a free plan starts nothing
    event: { event: Signup Completed, properties: { plan: free } }
    expect: { runs: 0, calls: [] }
`,
    );
    assert.deepEqual(result.faults, []);
    assert.deepEqual(
      result.cases.map(({ name, isPassed, problems, error }) => ({ name, isPassed, problems, error })).filter(({ isPassed }) => !isPassed),
      [],
    );
  });

  it('delivers a second time, lets services fail and holds back', async () => {
    const result = await test(
      WELCOME,
      `
defaults:
  profile: { id: p7, traits: { email: ada@example.com } }
  event: nothing
cases: []
`,
    );
    assert.equal(result.cases.length, 0);
    assert.match(result.faults[0]?.message ?? '', /There is no key `event` here|empty|fewer/);
    const played = await test(
      WELCOME,
      `
cases:
  - name: the service is away twice
    profile: { traits: { email: a@example.com } }
    event: { event: Signup Completed, properties: { plan: pro } }
    actions:
      leads.score: { output: { probability: 0.9 } }
      crm.upsert: [{ error: UPSTREAM_UNAVAILABLE }, { error: UPSTREAM_THROTTLED, details: { retryAfterMs: 90000 } }, { output: { id: x } }]
    then: [{ again: true }, { after: 1h, again: true }]
    expect: { state: succeeded, runs: 1, calls: [{ action: crm.upsert }] }
  - name: held back
    profile: { traits: { email: a@example.com } }
    event: { event: Signup Completed, properties: { plan: pro } }
    actions:
      leads.score: { output: { probability: 0.1 } }
      email.send: { heldBack: suppressed }
    expect: { state: failed, error: ACTION_HELD_BACK, calls: [{ action: email.send, after: 3d }] }
`,
    );
    assert.deepEqual(
      played.cases.flatMap(({ name, problems, error }) => [
        ...problems.map((problem) => [name, problem]),
        ...(error ? [[name, error]] : []),
      ]),
      [],
    );
  });

  it('says what is otherwise than the case wants it', async () => {
    const result = await test(
      WELCOME,
      `
cases:
  - name: wrong
    profile: { traits: { email: a@example.com } }
    event: { event: Signup Completed, properties: { plan: pro } }
    actions: { leads.score: { output: { probability: 0.9 } } }
    expect:
      state: failed
      runs: 2
      calls: [{ action: crm.upsert, with: { email: b@example.com }, after: 1d }, { action: email.send }]
      never: [crm.upsert]
      emits: [{ event: Welcomed }]
      lasts: 1h
`,
    );
    const [played] = result.cases;
    assert.equal(played?.isPassed, false);
    assert.deepEqual(
      played.problems.map(({ pointer, expected, actual }) => [pointer, expected, actual]),
      [
        ['/expect/runs', 2, 1],
        ['/expect/calls/0/with/email', 'b@example.com', 'a@example.com'],
        ['/expect/calls/0/after', '1d', '0ms'],
        ['/expect/calls/1', { action: 'email.send' }, null],
        ['/expect/never/0', null, { action: 'crm.upsert', input: { email: 'a@example.com' } }],
        ['/expect/emits', [{ event: 'Welcomed', properties: {} }], []],
        ['/expect/state', 'failed', 'succeeded'],
        ['/expect/lasts', '1h', '0ms'],
      ],
    );
  });

  it('tells the faults of a file by place, and of the pipeline', async () => {
    const faulty = await test(WELCOME, 'cases:\n  - name: a\n    expct: {}\n    expect: { stat: failed }\n');
    assert.deepEqual(
      faulty.faults.map(({ message, line, column, suggestion }) => [message, line, column, suggestion]),
      [
        ['There is no key `expct` here.', 3, 5, 'expect'],
        ['There is no key `stat` here.', 4, 15, 'state'],
      ],
    );
    const missing = await test(WELCOME, 'pipeline: other.yaml\ncases:\n  - { name: a, expect: {} }\n');
    assert.match(missing.faults[0]?.message ?? '', /no file `other.yaml`/);
    const broken = await test(WELCOME.replace('leads.score', 'leads.scor'), 'cases:\n  - { name: a, expect: {} }\n');
    assert.equal(broken.faults[0]?.code, 'PIPELINE_UNKNOWN_ACTION');
  });
});
