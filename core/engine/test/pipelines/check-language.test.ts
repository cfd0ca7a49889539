import assert from 'node:assert/strict';
import type { JsonObject } from '@tendril/plugin-api';
import type { ActionDescription } from '../../src/actions/contract.ts';
import { checkPipeline } from '../../src/pipelines/index.ts';
import type { CheckEnvironment } from '../../src/pipelines/index.ts';
import type { Definition } from '../../src/pipelines/definition.ts';

function action(name: string, effect: ActionDescription['effect'], input: JsonObject, output: JsonObject): ActionDescription {
  const plugin = name.split('.')[0] ?? '';
  return { name, plugin, title: name, effect, idempotency: 'key', input, output, timeoutMs: 1_000, connectionKinds: [] };
}

const PERSON: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: { id: { type: 'string' }, age: { type: 'number' }, tags: { type: 'array', items: { type: 'string' } } },
};

const ACTIONS: readonly ActionDescription[] = [
  action(
    'crm.list',
    'read',
    { type: 'object', additionalProperties: false, properties: { cursor: { type: 'string' }, size: { type: 'integer' } } },
    {
      type: 'object',
      additionalProperties: false,
      properties: {
        people: { type: 'array', items: PERSON },
        nextCursor: { type: 'string' },
        total: { type: 'number' },
        data: { type: 'object', additionalProperties: false, properties: { rows: { type: 'array', items: PERSON } } },
      },
    },
  ),
  action(
    'crm.create',
    'write',
    { type: 'object' },
    { type: 'object', additionalProperties: false, properties: { id: { type: 'string' } } },
  ),
  action('mail.send', 'send', { type: 'object' }, {}),
];

const PIPELINES: Readonly<Record<string, string>> = {
  greet:
    'pipeline: greet\ntrigger: { manual: {} }\ninput: { type: object, required: [name], additionalProperties: false, properties: { name: { type: string } } }\noutput: { greeting: "Hello" }\nsteps: [{ stop: {} }]',
  nightly: 'pipeline: nightly\ntrigger: { schedule: "0 3 * * *" }\nsteps: [{ stop: {} }]',
  back: 'pipeline: back\ntrigger: { manual: {} }\nsteps: [{ call: p }]',
  later: 'pipeline: later\ntrigger: { manual: {} }\nsteps: [{ call: p, detached: true }]',
};

async function definitionOf(id: string): Promise<Definition | undefined> {
  const source = PIPELINES[id];
  return source === undefined
    ? undefined
    : (await checkPipeline(source, undefined, { ...ENVIRONMENT, pipeline: async () => undefined })).definition;
}

const ENVIRONMENT: CheckEnvironment = {
  findAction: async (name) => ACTIONS.find((candidate) => candidate.name === name),
  actionNames: () => ACTIONS.map(({ name }) => name),
  connections: async () => [{ name: 'shop', plugin: 'shop', kind: 'token' }],
  eventSchema: async (name) =>
    name === 'Order Completed'
      ? {
          type: 'object',
          additionalProperties: false,
          properties: { orderId: { type: 'string' }, items: { type: 'array', items: PERSON } },
        }
      : undefined,
  sources: () => [
    {
      name: 'shop.new_order',
      plugin: 'shop',
      title: 'New order',
      kind: 'poll',
      input: { type: 'object', additionalProperties: false, properties: { status: { enum: ['open', 'paid'] } } },
      output: { type: 'object', additionalProperties: false, properties: { number: { type: 'string' } } },
      connectionKinds: ['token'],
    },
    { name: 'shop.told', plugin: 'shop', title: 'Told', kind: 'push', input: {}, output: {}, connectionKinds: [] },
  ],
};

async function faultsOf(source: string): Promise<readonly string[]> {
  const environment: CheckEnvironment = {
    ...ENVIRONMENT,
    pipeline: definitionOf,
    pipelineNames: async () => Object.keys(PIPELINES),
  };
  const { faults, compiled } = await checkPipeline(source, 'p.yaml', environment);
  assert.equal(compiled === undefined, faults.length > 0);
  return faults.map(
    ({ line, column, message, suggestion }) =>
      `${String(line)}:${String(column)} ${message}${suggestion === undefined ? '' : ` -> ${suggestion}`}`,
  );
}

type Case = readonly [string, readonly string[]];

/** Steps from line 4. */
const STEPS: readonly Case[] = [
  ['- { forEach: "${{ event.properties.items }}", do: [{ action: mail.send, with: { to: "${{ each.item.id }}" } }] }', []],
  [
    '- { forEach: "${{ event.properties.items }}", do: [{ action: mail.send, with: { to: "${{ each.item.idd }}" } }] }',
    ['4:100 `each.item` has no field `idd`. -> id'],
  ],
  [
    '- { forEach: "${{ event.properties.items }}", as: order, do: [{ set: { a: "${{ each.item.id }}", b: "${{ each.orderIndex + 1.0 }}" } }] }',
    ['4:85 `each` has no field `item`.'],
  ],
  [
    '- { forEach: "${{ event.properties.items }}", as: outer, do: [{ forEach: "${{ each.outer.tags }}", do: [{ set: { a: "${{ each.item.size() + each.outer.agee }}" } }] }] }',
    ['4:152 `each.outer` has no field `agee`. -> age'],
  ],
  [
    '- { forEach: event.properties.items, do: [{ stop: {} }] }',
    ['4:14 `event.properties.items` is not a list: write `forEach: ${{ event.properties.items }}`.'],
  ],
  ['- { forEach: "${{ event.name }}", do: [{ stop: {} }] }', ['4:14 `forEach` takes a list; this gives text.']],
  [
    '- { id: l, forEach: "${{ event.properties.items }}", do: [{ id: inner, set: { a: 1 } }], collect: "${{ steps.inner.output.a }}" }\n- { set: { a: "${{ steps.inner.output.a }}", b: "${{ steps.l.output.collected }}", c: "${{ steps.l.output.cuont }}" } }',
    [
      '5:20 The step `inner` is inside a loop: what comes behind the loop reads what it collects, with `collect:`.',
      '5:107 `steps.l.output` has no field `cuont`. -> count',
    ],
  ],
  ['- { set: { a: "${{ each.item }}" } }', ['4:20 `each` cannot be read here, only event, profile, steps, settings, run.']],
  [
    '- { forEach: { action: crm.list, items: people }, do: [{ set: { a: "${{ each.item.agee }}" } }] }',
    ['4:83 `each.item` has no field `agee`. -> age'],
  ],
  ['- { forEach: { action: crm.list, items: data.rows, cursor: nextCursor }, do: [{ set: { a: "${{ each.item.age }}" } }] }', []],
  ['- { forEach: { action: crm.list, items: peple }, do: [{ stop: {} }] }', ['4:41 The output has no field `peple`. -> people']],
  ['- { forEach: { action: crm.list, items: total }, do: [{ stop: {} }] }', ['4:41 `total` of the output is no list.']],
  [
    '- { forEach: { action: crm.create, items: people }, do: [{ stop: {} }] }',
    [
      '4:24 A loop asks for pages with an action that only reads; `crm.create` has the effect `write`.',
      '4:43 The output has no field `people`.',
    ],
  ],
  ['- { forEach: { action: crm.list, items: people, cursorInput: page, max: 0 }, do: [{ stop: {} }] }', ['4:73 `max` must be >= 1.']],
  [
    '- { forEach: { action: crm.list, items: people, cursorInput: page }, do: [{ stop: {} }] }',
    ['4:62 The action has no input `page` for the cursor: say with `cursorInput` which one takes it.'],
  ],
  [
    '- { forEach: { actoin: crm.list, items: people }, do: [{ stop: {} }] }',
    ['4:14 `action` is missing.', '4:16 There is no key `actoin` here. -> action'],
  ],
  ['- { wait: { event: Order Completed, where: arrived.properties.orderId == "x", timeout: 3d }, onTimeout: [{ stop: {} }] }', []],
  [
    '- { wait: { event: Order Completed, where: arrived.properties.ordrId == "x" } }',
    ['4:63 `arrived.properties` has no field `ordrId`. -> orderId'],
  ],
  [
    '- { wait: { event: A, where: "arrived" }, onTimeout: [] }',
    ['4:30 A condition has to be true or false; this gives an object.', '4:43 `onTimeout` is never done: `wait` says no `timeout`.'],
  ],
  [
    '- { id: w, wait: { event: Order Completed } }\n- { set: { a: "${{ steps.w.output.properties.orderIdd }}", b: "${{ arrived.id }}" } }',
    [
      '5:46 `steps.w.output.properties` has no field `orderIdd`. -> orderId',
      '5:68 `arrived` cannot be read here, only event, profile, steps, settings, run.',
    ],
  ],
  ['- { wait: 3d, timeout: 1d }', ['4:15 There is no key `timeout` here: it stands inside `wait`.']],
  ['- { wait: 3d, if: "true" }', ['4:15 Only an action takes `if` beside it: put this step into the `then:` of an `if:`.']],
  ['- { wait: { at: "25:00" } }', ['4:17 `25:00` is not a time of day: write `09:00`.']],
  [
    '- { wait: { at: "09:00", on: [mon, fry], timeZone: Europe/Berln } }',
    ['4:36 `1` has to be one of `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`. -> fri'],
  ],
  ['- { wait: { at: "09:00", timeZone: Europe/Berln } }', ['4:36 There is no time zone `Europe/Berln`. -> Europe/Berlin']],
  [
    '- { wait: { at: "09:00", timeZone: "${{ 1 > 2 }}" } }',
    ['4:36 `timeZone` takes the name of a time zone; this gives `true` or `false`.'],
  ],
  ['- { wait: { at: "09:00", event: A } }', ['4:26 A wait is for one thing: this one has `at` and `event`.']],
  ['- { wait: { until: 2030-01-31 09:00 } }', []],
  ['- { wait: { until: 2030-02-31T09:00 } }', ['4:20 `2030-02-31T09:00` is not a moment: write `2030-01-31T09:00:00Z`.']],
  [
    '- { wait: {} }',
    [
      '4:11 `{}` is not something to wait for: write `wait: 3d`, `wait: { until: 2030-01-31T09:00:00Z }`, `wait: { at: "09:00" }` or `wait: { event: Email Opened }`.',
    ],
  ],
  [
    '- { id: ok, approve: { by: sales, title: "Send to ${{ profile.idd }}?", timeout: 2d }, onTimeout: [{ stop: {} }] }\n- { set: { a: "${{ steps.ok.output.comment }} ${{ steps.ok.output.why }}" } }',
    ['5:67 `steps.ok.output` has no field `why`.'],
  ],
  ['- { approve: { by: sales }, onTimeout: [] }', ['4:29 `onTimeout` is never done: `approve` says no `timeout`.']],
  ['- { approve: {}, timeout: 1d }', ['4:18 There is no key `timeout` here: it stands inside `approve`.']],
  [
    '- { id: c, call: greet, with: { name: Ada } }\n- { set: { a: "${{ steps.c.output.greetng }}" } }',
    ['5:35 `steps.c.output` has no field `greetng`. -> greeting'],
  ],
  ['- { call: greet }', ['4:3 The input lacks `name`, which the pipeline needs.']],
  [
    '- { call: greet, with: { nme: Ada, name: "${{ 1 > 2 }}" } }',
    ['4:26 The pipeline has no input `nme`. -> name', '4:42 `name` has to be text; the expression gives `true` or `false`.'],
  ],
  ['- { call: gret, with: { name: Ada } }', ['4:11 There is no pipeline `gret`. -> greet']],
  ['- { call: nightly }', ['4:11 `nightly` is started by `schedule`; only a pipeline with `trigger: { manual: {} }` can be called.']],
  ['- { call: back }', ['4:11 The calls go in a circle: `p` calls `back` calls `p`.']],
  ['- { call: later }', []],
  ['- { id: c, call: greet, with: { name: Ada }, detached: true }\n- { set: { a: "${{ steps.c.output.runId }}" } }', []],
  ['- { emit: { event: tendril.run.ended } }', ["4:20 `tendril.run.ended` is one of the hub's own events: a pipeline cannot send it."]],
  [
    '- { emit: { event: Lead Lost, properties: { a: "${{ event.nme }}" }, userId: "${{ [1] }}" } }',
    ['4:59 `event` has no field `nme`. -> name', '4:78 `userId` takes a text or number; this gives a list.'],
  ],
  ['- { emit: { evnt: X } }', ['4:11 `event` is missing.', '4:13 There is no key `evnt` here. -> event']],
  ['- { action: crm.create, id: made, compensate: [{ action: crm.create, with: { undo: "${{ steps.made.output.id }}" } }] }', []],
  [
    '- { action: crm.create, compensate: [{ id: undone, action: crm.create }] }\n- { set: { a: "${{ steps.undone.state }}" } }',
    ['5:20 The step `undone` has not ended when this is read: it comes later, is on another branch, or is this one.'],
  ],
  ['- { action: crm.create, id: a, timeout: 1m, onTimeout: [{ set: { b: "${{ steps.a.state }}" } }] }', []],
  ['- { action: crm.create, onTimeout: [{ stop: {} }] }', ['4:25 `onTimeout` is never done: there is no `timeout`.']],
  [
    '- { action: crm.create, idempotencyKey: "${{ event.properties.items }}" }',
    ['4:41 `idempotencyKey` takes a text or number; this gives a list.'],
  ],
  [
    '- { action: crm.create, retry: { initial: 5m, max: 1s, on: [oops] } }',
    ['4:61 `oops` is not an error code: capitals, digits and `_`.'],
  ],
  ['- { action: crm.create, retry: { initial: 5m, max: 1s } }', ['4:52 `max` is shorter than `initial`.']],
  ['- { parallel: { a: [{ stop: {} }], b: [{ wait: 1d }] }, join: any }\n- { set: { a: 1 } }', []],
  [
    '- { parallel: { a: [{ stop: {} }], b: [{ wait: 1d }] } }\n- { set: { a: 1 } }',
    ['5:3 This step is never reached: the one before it ends the run.'],
  ],
  ['- { parallel: { a: [{ stop: {} }] }, join: some }', ['4:44 `join` has to be one of `all`, `any`.']],
  // What has no right shape hides nothing of the rest.
  [
    '- { id: one, set: { a: 1 }, stpo: 1 }\n- { if: steps.one.output.b == 2 && steps.tow.state == "x", then: [{ action: crm.craete }] }',
    ['4:29 There is no key `stpo` here.', '5:36 There is no step `tow`.', '5:77 There is no action `crm.craete`. -> crm.create'],
  ],
  [
    '- { forEach: { items: x }, as: row, do: [{ set: { a: "${{ each.row.x }}", b: "${{ profile.idd + 1 }}" } }] }\n- { stop: {}, sotp: 1 }\n- { set: { c: "${{ evnt.x }}" } }',
    [
      '4:14 `action` is missing.',
      '5:15 There is no key `sotp` here. -> stop',
      '6:20 There is no `evnt`; expressions read event, events, profile, steps, settings, run, input, each and arrived. -> event',
    ],
  ],
];

/** Whole files without `steps`, which line 1 has. */
const HEADS: readonly Case[] = [
  [
    'trigger: { manual: {} }\ninput: { type: object, properties: { n: { type: number } }, additionalProperties: false }\noutput: { a: "${{ input.m }}", b: "${{ steps.x.output }}" }',
    ['4:25 `input` has no field `m`. -> n', '4:40 There is no step `x`.'],
  ],
  [
    'trigger: { manual: {} }\ninput: { type: object, properties: { n: { type: nmber } } }',
    [
      '3:8 This is not a JSON Schema that can be used: schema is invalid: data/properties/n/type must be equal to one of the allowed values, data/properties/n/type must be array, data/properties/n/type must match a schema in anyOf.',
    ],
  ],
  ['trigger: { evnt: A, where: "event.x" }', ['2:10 `event` is missing.', '2:12 There is no key `evnt` here. -> event']],
  [
    'trigger: { manual: {} }\ninput: { type: object, properties: null }\noutput: { a: "${{ input.m }}" }',
    ['3:8 This is not a JSON Schema that can be used: schema is invalid: data/properties must be object.'],
  ],
  [
    'trigger: { foo: 1 }',
    ['2:10 Nothing starts the pipeline: it needs one of `event`, `schedule`, `webhook`, `source`, `manual`, `broadcast`, `segment`.'],
  ],
  ['trigger: { event: A, schedule: "0 3 * * *" }', ['2:22 A trigger is one thing: this one has `event` and `schedule`.']],
  ['trigger: { schedule: "0 3 * * *" }\noutput: { at: "${{ input.scheduledAt }}" }', []],
  [
    'trigger: { schedule: "0 3 * * *" }\noutput: { at: "${{ profile.id }}", b: "${{ event.id }}" }',
    [
      '3:20 `profile` cannot be read here, only input, steps, settings, run.',
      '3:44 `event` cannot be read here, only input, steps, settings, run.',
    ],
  ],
  ['trigger: { schedule: "0 33 * * *" }', ['2:22 `0 33 * * *` is not a schedule: Invalid value for hour: 33.']],
  ['trigger: { schedule: { cron: "0 0 30 2 *", timeZone: Europe/Paris } }', ['2:30 `0 0 30 2 *` names a time that never comes.']],
  [
    'trigger: { schedule: { cron: "0 3 * * *", timeZone: Europe/Pariss } }',
    ['2:53 There is no time zone `Europe/Pariss`. -> Europe/Paris'],
  ],
  ['trigger: { schedule: { cron: "0 3 * * *", catchUp: lates } }', ['2:52 `catchUp` has to be one of `latest`, `all`, `none`. -> latest']],
  [
    'trigger: { webhook: { schema: { type: object, properties: { mail: { type: string } }, additionalProperties: false } }, where: input.body.mial != "" }',
    ['2:138 `input.body` has no field `mial`. -> mail'],
  ],
  ['trigger: { webhook: { answerWithin: 5m, answer: result } }', ['2:37 A sender waits two minutes at most.']],
  [
    'trigger: { webhook: { answerWithin: 5s, verify: { scheme: stripe, header: X-Sig } } }',
    [
      '2:37 Nobody waits for the result: `answerWithin` goes with `answer: result`.',
      '2:75 The scheme `stripe` says itself which header it is: `header` goes with `hmac_sha256`.',
    ],
  ],
  ['trigger: { webhook: {}, where: event.id == "" }', ['2:32 `event` cannot be read here, only input, profile, settings.']],
  [
    'trigger: { source: shop.new_order, with: { status: payd }, where: input.numbr != "" }',
    ['2:52 `status` has to be one of `open`, `paid`. -> paid', '2:73 `input` has no field `numbr`. -> number'],
  ],
  ['trigger: { source: shop.new_ordr }', ['2:20 There is no trigger `shop.new_ordr` of a plugin. -> shop.new_order']],
  ['trigger: { source: shop.new_order, connection: shp }', ['2:48 There is no connection `shp`. -> shop']],
  [
    'trigger: { source: shop.told, every: 5m }',
    ['2:38 `shop.told` is not asked: it is told when something happens. `every` means nothing here.'],
  ],
  ['trigger: { broadcast: { segment: VIP, perMinute: 0 } }', ['2:50 `perMinute` must be >= 1.']],
  ['trigger: { segment: VIP, on: entred }', ['2:30 `on` has to be one of `entered`, `left`. -> entered']],
  [
    'trigger: { segment: VIP, where: profile.id != "" && event.name != "" }\ndebounce: { period: 1m, max: 10s }',
    ['3:30 `max` is shorter than `period`: the run would never wait for quiet.'],
  ],
  ['trigger: { event: A }\nbatch: { size: 10, timeout: 1m, key: event.properties.shop }\noutput: { n: "${{ size(events) }}" }', []],
  [
    'trigger: { event: A }\noutput: { n: "${{ size(events) }}" }',
    ['3:24 `events` cannot be read here, only event, profile, steps, settings, run.'],
  ],
  [
    'trigger: { manual: {} }\nbatch: { size: 10, timeout: 0s }',
    [
      '3:1 `batch` gathers events: it goes with a trigger `event` or `segment`, not with `manual`.',
      '3:29 `timeout` has to be longer than nothing.',
    ],
  ],
  [
    'trigger: { event: A }\nbatch: { size: 10, timeout: 1m }\ndebounce: { period: 1m }',
    ['3:1 A pipeline either waits until events stop coming (`debounce`) or collects them (`batch`), not both.'],
  ],
  [
    'trigger: { event: A }\nserial: { key: steps.a.output, overflow: replace }',
    ['3:16 `steps` cannot be read here, only event, profile, settings.', '3:32 Nothing is ever too many: `overflow` goes with `max`.'],
  ],
  [
    'trigger: { event: A }\nconcurrency: { limit: 2, key: "[profile.id]" }',
    ['3:31 `key` takes a text, number or boolean; this gives a list.'],
  ],
  [
    'trigger: { event: A }\nthrottle: { limit: 2, period: 0s, key: "${{ profile.id }}" }',
    ['3:31 `period` has to be longer than nothing.', '3:40 `key` is written without `${{ }}` around it.'],
  ],
  ['trigger: { event: A }\nrateLimit: { limit: 2, period: 99999d }', ['3:32 `99999d` is longer than ten years.']],
  [
    'trigger: { event: A }\npriority: 10',
    ['3:11 `10` is not a priority: write a number from 0 (first) to 9 (last), or an expression that gives one.'],
  ],
  ['trigger: { event: A }\npriority: profile.id', ['3:11 `priority` takes a number from 0 to 9; this gives text.']],
  ['trigger: { event: A }\npriority: "profile.traits.vip ? 1 : 5"', []],
  ['trigger: { event: A }\nonError: [{ set: { why: "${{ run.error.code }}" } }]', []],
  [
    'trigger: { schedule: "0 3 * * *" }\nonError: [{ emit: { event: Failed } }, { emit: { event: Failed, userId: ops } }]',
    ['3:19 The event would be about nobody: runs of this trigger are about no person, so `userId` has to say whom.'],
  ],
  [
    'trigger: { event: A }\nonError: [{ set: { why: "${{ run.error.cod }}" } }]\noutput: { b: "${{ run.error.code }}" }',
    ['3:40 `run.error` has no field `cod`. -> code', '4:23 `run` has no field `error`.'],
  ],
];

describe('the checker, over the whole language', () => {
  for (const [steps, expected] of STEPS) {
    it(`judges ${steps.replaceAll('\n', ' ')}`, async () => {
      assert.deepEqual(await faultsOf(`pipeline: p\ntrigger: { event: Order Completed }\nsteps:\n${steps}`), expected);
    });
  }

  for (const [head, expected] of HEADS) {
    it(`judges ${head.replaceAll('\n', ' ')}`, async () => {
      assert.deepEqual(await faultsOf(`pipeline: p\n${head}\nsteps: [{ wait: 1h }]`), expected);
    });
  }

  it('refuses waits for events of nobody', async () => {
    assert.deepEqual(await faultsOf('pipeline: p\ntrigger: { schedule: "0 3 * * *" }\nsteps:\n- { wait: { event: A } }'), [
      '4:20 Nobody can be waited for: runs of this trigger are about no person, and a wait takes events of the same person.',
    ]);
  });

  it('sees that a pipeline would wait for itself', async () => {
    const source = 'pipeline: p\ntrigger: { manual: {} }\nserial: { key: input.k }\nsteps: [{ call: p }]';
    assert.deepEqual(await faultsOf(source), [
      '4:17 `p` would call itself and wait for its own serial key for ever: make the call `detached`, or use a loop.',
    ]);
  });

  it('does not judge what it cannot know', async () => {
    const offline: CheckEnvironment = {
      findAction: async () => undefined,
      actionNames: () => [],
      connections: async () => undefined,
    };
    const { faults } = await checkPipeline(
      'pipeline: p\ntrigger: { source: some.thing, where: input.a == 1 }\nsteps: [{ id: c, call: other }, { set: { a: "${{ steps.c.output.x }}" } }]',
      undefined,
      offline,
    );
    assert.deepEqual(faults, []);
  });
});
