import assert from 'node:assert/strict';
import type { JsonObject } from '@tendril/plugin-api';
import type { ActionDescription } from '../../src/actions/contract.ts';
import { checkPipeline } from '../../src/pipelines/index.ts';
import type { CheckEnvironment } from '../../src/pipelines/index.ts';

function action(name: string, input: JsonObject, output: JsonObject, rest: Partial<ActionDescription> = {}): ActionDescription {
  return {
    name,
    plugin: name.split('.')[0] ?? '',
    title: name,
    effect: 'write',
    idempotency: 'key',
    input,
    output,
    timeoutMs: 1_000,
    connectionKinds: [],
    ...rest,
  };
}

const ACTIONS: readonly ActionDescription[] = [
  action(
    'leads.score',
    {
      type: 'object',
      required: ['person'],
      additionalProperties: false,
      properties: {
        person: { type: 'string', minLength: 1 },
        count: { type: 'integer', minimum: 1 },
        mode: { enum: ['fast', 'slow'] },
        at: { type: 'string', format: 'date-time' },
        tags: { type: 'array', items: { type: 'string' } },
      },
    },
    {
      type: 'object',
      additionalProperties: false,
      properties: {
        probability: { type: 'number' },
        isHot: { type: 'boolean' },
        reasons: { type: 'array', items: { type: 'object', additionalProperties: false, properties: { name: { type: 'string' } } } },
      },
    },
  ),
  action(
    'salesforce.upsert_lead',
    { type: 'object', properties: { email: { type: 'string' } } },
    { type: 'object', properties: { id: { type: 'string' } } },
    { connectionKinds: ['oauth'] },
  ),
  action('hubspot.upsert_contact', { type: 'object' }, {}, { connectionKinds: ['token'] }),
  action('email.send', { type: 'object' }, {}),
];

const ENVIRONMENT: CheckEnvironment = {
  findAction: async (name) => ACTIONS.find((candidate) => candidate.name === name),
  actionNames: () => ACTIONS.map(({ name }) => name),
  connections: async () => [
    { name: 'sales_eu', plugin: 'salesforce', kind: 'oauth' },
    { name: 'sales_us', plugin: 'salesforce', kind: 'oauth' },
  ],
};

async function faultsOf(source: string): Promise<readonly string[]> {
  const { faults, compiled } = await checkPipeline(source, 'p.yaml', ENVIRONMENT);
  assert.equal(compiled === undefined, faults.length > 0);
  return faults.map(({ line, column, code, message, suggestion, file }) => {
    assert.equal(file, 'p.yaml');
    return `${String(line)}:${String(column)} ${code} ${message}${suggestion === undefined ? '' : ` -> ${suggestion}`}`;
  });
}

const HEAD = 'pipeline: a\ntrigger: { event: X }\nsettings: { threshold: { type: number, default: 0.6 } }\nsteps:\n';

/** Steps from line 5, and the faults that they have. */
const STEP_FAULTS: readonly (readonly [string, readonly string[]])[] = [
  ['  - actoin: leads.score', ['5:5 PIPELINE_INVALID There is no key `actoin` here. -> action']],
  ['  - { action: leads.score, wiht: { person: a } }', ['5:28 PIPELINE_INVALID There is no key `wiht` here. -> with']],
  ['  - action: leads.scroe', ['5:13 PIPELINE_UNKNOWN_ACTION There is no action `leads.scroe`. -> leads.score']],
  ['  - action: score', ['5:13 PIPELINE_INVALID `score` is not the name of an action: write `plugin.action`.']],
  ['  - { action: leads.score }', ['5:5 ACTION_INPUT_INVALID The input lacks `person`, which the action needs.']],
  ['  - { action: leads.score, with: { person: a, prson: b } }', ['5:47 ACTION_INPUT_INVALID The action has no input `prson`. -> person']],
  ['  - { action: leads.score, with: { person: 7 } }', ['5:44 ACTION_INPUT_INVALID `person` must be string.']],
  [
    '  - { action: leads.score, with: { person: a, mode: fats } }',
    ['5:53 ACTION_INPUT_INVALID `mode` has to be one of `fast`, `slow`. -> fast'],
  ],
  ['  - { action: leads.score, with: { person: a, at: tomorrow } }', ['5:51 ACTION_INPUT_INVALID `at` must match format "date-time".']],
  [
    '  - { action: leads.score, with: { person: "${{ settings.threshold }}" } }',
    ['5:44 ACTION_INPUT_INVALID `person` has to be text; the expression gives a number.'],
  ],
  ['  - { action: leads.score, with: { person: "${{ settings.threshold }}%" } }', []],
  [
    '  - { action: leads.score, with: { person: a, tags: ["${{ 1 > 2 }}"] } }',
    ['5:54 ACTION_INPUT_INVALID `tags.0` has to be text; the expression gives `true` or `false`.'],
  ],
  ['  - { action: leads.score, with: { person: "${{ profile.id }}", count: "${{ event.properties.n }}" } }', []],
  ['  - { action: leads.score, with: { person: "${{ profile.id" } }', ['5:45 EXPRESSION_INVALID `${{` has no `}}`.']],
  ['  - if: steps.scroe.state == "failed"\n    then: [{ stop: {} }]', ['5:9 EXPRESSION_INVALID There is no step `scroe`.']],
  [
    '  - { id: score, action: leads.score, with: { person: a } }\n  - if: steps.scroe.state == "failed"\n    then: [{ stop: {} }]',
    ['6:9 EXPRESSION_INVALID There is no step `scroe`. -> score'],
  ],
  [
    '  - { id: score, action: leads.score, with: { person: a } }\n  - if: steps.score.output.probabilty >= settings.thershold\n    then: [{ stop: {} }]',
    [
      '6:28 EXPRESSION_INVALID `steps.score.output` has no field `probabilty`. -> probability',
      '6:51 EXPRESSION_INVALID `settings` has no field `thershold`. -> threshold',
    ],
  ],
  [
    '  - { id: score, action: leads.score, with: { person: a } }\n  - if: steps.score.output.reasons.exists(r, r.nam == "x") || steps.score.output.isHot > 3\n    then: [{ stop: {} }]',
    ['6:48 EXPRESSION_INVALID There is no field `nam` here.'],
  ],
  [
    '  - if: steps.later.state == "failed"\n    then: [{ id: inner, set: { a: 1 } }]\n    else: [{ set: { b: "${{ steps.inner.output.a }}" } }]\n  - { id: later, set: { c: "${{ steps.inner.output.a }}" } }',
    [
      '5:9 EXPRESSION_INVALID The step `later` has not ended when this is read: it comes later, is on another branch, or is this one.',
      '7:29 EXPRESSION_INVALID The step `inner` has not ended when this is read: it comes later, is on another branch, or is this one.',
    ],
  ],
  ['  - if: "1 + 1"\n    then: [{ stop: {} }]', ['5:9 EXPRESSION_INVALID A condition has to be true or false; this gives a whole number.']],
  ['  - if: "${{ true }}"\n    then: [{ stop: {} }]', ['5:9 EXPRESSION_INVALID A condition is written without `${{ }}` around it.']],
  [
    '  - if: "true"',
    ['5:5 PIPELINE_INVALID The condition decides about nothing: add `then:` with steps, or `action:` to guard an action.'],
  ],
  [
    '  - if: evnt.name == "x"\n    then: [{ stop: {} }]',
    [
      '5:9 EXPRESSION_INVALID There is no `evnt`; expressions read event, events, profile, steps, settings, run, input, each and arrived. -> event',
    ],
  ],
  ['  - if: event.properties.a +\n    then: [{ stop: {} }]', ['5:29 EXPRESSION_INVALID Unexpected token: EOF.']],
  ['  - { stop: {} }\n  - { set: { a: 1 } }', ['6:5 PIPELINE_INVALID This step is never reached: the one before it ends the run.']],
  [
    '  - if: "true"\n    then: [{ stop: {} }]\n    else: [{ fail: {} }]\n  - { set: { a: 1 } }',
    ['8:5 PIPELINE_INVALID This step is never reached: the one before it ends the run.'],
  ],
  ['  - { id: one, set: { a: 1 } }\n  - { id: one, set: { a: 1 } }', ['6:11 PIPELINE_INVALID The id `one` is taken by an earlier step.']],
  [
    '  - { id: One, set: { a: 1 } }',
    ['5:11 PIPELINE_INVALID `One` is not a name of lower-case letters, digits and single `_` that begins with a letter.'],
  ],
  [
    '  - { wait: 3 days }',
    ['5:13 PIPELINE_INVALID `3 days` is not a duration: write `30s`, `5m`, `2h`, `3d` or ISO 8601 such as `PT30S`.'],
  ],
  ['  - { wait: { until: someday } }', ['5:22 PIPELINE_INVALID `someday` is not a moment: write `2030-01-31T09:00:00Z`.']],
  ['  - { wait: { untill: x } }', ['5:15 PIPELINE_INVALID There is no key `untill` here. -> until']],
  [
    '  - { action: email.send, onError: { upstream: [{ stop: {} }] } }',
    ['5:36 PIPELINE_INVALID `{"upstream":[{"stop":{}}]}` is not steps, or steps by error code in capitals (`*` for the others).'],
  ],
  ['  - { action: email.send, onError: [{ stpo: {} }] }', ['5:39 PIPELINE_INVALID There is no key `stpo` here. -> stop']],
  ['  - { wait: 99999d }', ['5:13 PIPELINE_INVALID `99999d` is longer than ten years.']],
  ['  - { action: email.send, retry: { attempts: none } }', ['5:46 PIPELINE_INVALID `attempts` has to be a whole number.']],
  ['  - { action: email.send, connection: mail }', ['5:39 CONNECTION_UNKNOWN The action `email.send` takes no connection.']],
  [
    '  - { action: hubspot.upsert_contact }',
    [
      '5:15 CONNECTION_MISSING The action `hubspot.upsert_contact` needs a connection of `hubspot`, and there is none: add one with `tendril connections add`.',
    ],
  ],
  [
    '  - { action: salesforce.upsert_lead }',
    ['5:15 CONNECTION_MISSING There are several connections of `salesforce`: say which with `connection:` (sales_eu, sales_us).'],
  ],
  [
    '  - { action: salesforce.upsert_lead, connection: sales_ue }',
    ['5:51 CONNECTION_UNKNOWN There is no connection `sales_ue`. -> sales_eu'],
  ],
  [
    '  - { action: hubspot.upsert_contact, connection: sales_eu }',
    ['5:51 CONNECTION_UNKNOWN The connection `sales_eu` is one of `salesforce` (oauth); `hubspot.upsert_contact` needs one of `hubspot`.'],
  ],
  ['  - { set: { a: 1 }, stop: {} }', ['5:22 PIPELINE_INVALID A step does one thing: this one has `set` and `stop`.']],
  ['  - nothing', ['5:5 PIPELINE_INVALID `0` has to be an object.']],
  [
    '  - { switch: "[1]", cases: { a: [{ stop: {} }] } }',
    ['5:15 EXPRESSION_INVALID `switch` takes a text, number or boolean; this gives a list.'],
  ],
  [
    '  - { parallel: { left: [{ id: l, set: { a: 1 } }], right: [{ set: { b: "${{ steps.l.output.a }}" } }] } }',
    ['5:78 EXPRESSION_INVALID The step `l` has not ended when this is read: it comes later, is on another branch, or is this one.'],
  ],
];

describe('the checker of pipelines', () => {
  for (const [steps, expected] of STEP_FAULTS) {
    it(`says what is wrong with ${steps.trim().split('\n').at(-1) ?? ''}`, async () => {
      assert.deepEqual(await faultsOf(HEAD + steps), expected);
    });
  }

  it('passes the example of the design', async () => {
    const faults = await faultsOf(`
pipeline: qualify_signup
settings: { threshold: { type: number, default: 0.6, title: Probability that makes a lead hot } }
trigger:
  event: Signup Completed
  where: event.properties.plan != "free"
steps:
  - id: score
    action: leads.score
    with: { person: "\${{ profile.id }}" }
  - if: steps.score.output.probability >= settings.threshold
    then:
      - action: salesforce.upsert_lead
        connection: sales_eu
        with:
          email: "\${{ profile.traits.email }}"
          lastName: "\${{ profile.traits.lastName }}"
          company: "\${{ profile.traits.company }}"
          rating: Hot
        retry: { attempts: 6, backoff: exponential, initial: 1s, max: 5m }
    else:
      - wait: 3d
      - action: email.send
        with: { person: "\${{ profile.id }}", template: nudge }
`);
    assert.deepEqual(faults, []);
  });

  it('tells all faults of a file, by place', async () => {
    const faults = await faultsOf('pipelin: a\ntrigger: { evnt: X, maxAge: 5 }\nsteps:\n  - foo: 1\n  - { wait: 1x }\n');
    assert.deepEqual(
      faults.map((fault) => fault.split(' ')[0]),
      ['1:1', '1:1', '2:10', '2:12', '2:29', '4:5', '5:13'],
    );
  });

  it('judges conditions of triggers, and settings', async () => {
    assert.deepEqual(
      await faultsOf(
        'pipeline: a\ntrigger: { event: X, where: steps.a.output == 1 }\nsettings: { n: { type: integer, default: 1.5 }, m: { type: string, default: a, enum: [b] } }\nsteps: [{ stop: {} }]',
      ),
      [
        '2:29 EXPRESSION_INVALID `steps` cannot be read here, only event, profile, settings.',
        '3:42 PIPELINE_INVALID The default of `n` has to be a whole number.',
        '3:77 PIPELINE_INVALID The default of `m` has to be one of b.',
      ],
    );
  });

  it('types event properties by the schema of the name', async () => {
    const environment: CheckEnvironment = {
      ...ENVIRONMENT,
      eventSchema: async () => ({ type: 'object', additionalProperties: false, properties: { plan: { type: 'string' } } }),
    };
    const { faults } = await checkPipeline(
      'pipeline: a\ntrigger: { event: X, where: event.properties.plam == "x" || event.properties.plan > 3 }\nsteps: [{ stop: {} }]',
      undefined,
      environment,
    );
    assert.deepEqual(
      faults.map(({ message, suggestion }) => [message, suggestion]),
      [['`event.properties` has no field `plam`.', 'plan']],
    );
  });

  it('refuses hostile files in words', async () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map(
        (name, i) =>
          `${name}: &${name} [${Array(9)
            .fill(`*${'abcdefgh'[i] ?? ''}`)
            .join(',')}]`,
      )
      .join('\n')}`;
    const nested = (depth: number): string => (depth === 0 ? '{ stop: {} }' : `{ if: "true", then: [${nested(depth - 1)}] }`);
    const cases: readonly (readonly [string, RegExp])[] = [
      [bomb, /aliases/],
      ['['.repeat(100_000), /nested too deeply/],
      [`${HEAD}  - ${nested(21)}`, /more than 20 deep/],
      [`${HEAD}${'  - { set: { a: 1 } }\n'.repeat(1_001)}`, /at most 1000/],
      ['x'.repeat(300_000), /larger than 256 KB/],
      ['pipeline: a\npipeline: b', /twice/],
      ['{"pipeline": "a", "steps": [{"set": {"a": 1, "\\u0061": 2}}]}', /twice/],
      // Comparing each key with each other one would take seconds.
      [`${HEAD}${Array.from({ length: 15_000 }, (_, i) => `k${String(i)}: 1\n`).join('')}`, /no key `k14999`/],
      [`${HEAD}  - { set: { a: !!binary AAAA } }`, /Tags/],
      [`${HEAD}  - { set: { a: !!set { x } } }`, /Tags/],
      [`${HEAD}  - { set: { a: !!js/function "x" } }`, /Tags/],
      [`a: &a [*a]`, /nested too deeply/],
      ['pipeline: [', /not YAML/],
      ['- a', /object/],
      ['', /object/],
      [`${HEAD}  - { set: { a: .inf } }`, /finite/],
      [`{"pipeline": "a", "trigger": {"event": "X"}, "steps": [{"__proto__": {"action": "a.b"}}]}`, /does nothing|no key/],
      [`${HEAD}  - constructor: 1`, /no key `constructor`/],
      ['pipeline: a\ntrigger: null\nsteps: {}\nsettings: 7', /has to be/],
      [`${HEAD}  - { if: 7, then: 3, onError: { a: 1 } }`, /has to be|not/],
    ];
    for (const [source, expected] of cases) {
      const faults = await faultsOf(source);
      assert.ok(
        faults.some((fault) => expected.test(fault)),
        `${source.slice(0, 60)}: ${faults.slice(0, 3).join(' | ')}`,
      );
    }
  });

  it('points into JSON as it does into YAML', async () => {
    assert.deepEqual(await faultsOf('{\n  "pipeline": "a",\n  "trigger": { "event": "X" },\n  "steps": [{ "action": "leads.scor" }]\n}'), [
      '4:25 PIPELINE_UNKNOWN_ACTION There is no action `leads.scor`. -> leads.score',
    ]);
  });
});
