/**
 * The lead model on the UCI Bank Marketing set: the last fifth by time is predicted, without `duration`.
 *
 *     node tools/run.mjs benchmarks/leads-model.ts [FILE.csv|FILE.csv.gz]
 *
 * Everything goes through the plugin's own handlers, on tables in memory. `frozen` is the model as it was trained on the
 * first four fifths; `following` lets outcomes since then move its level, each told so many contacts after its own.
 */
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gunzipSync } from 'node:zlib';
import type { ActionHandler, Call, ConsumerHandler, JsonObject, LoggedEvent } from '@tendril/plugin-api';
import leads from '@tendril/plugin-leads';

interface Contact {
  readonly id: string;
  readonly at: number;
  readonly traits: JsonObject;
  readonly properties: JsonObject;
  readonly isPositive: boolean;
}

interface Measures {
  readonly auc: number;
  readonly brier: number;
  readonly logLoss: number;
  readonly ece: number;
}

const OUTCOME_AFTER_CONTACTS = 50;
const HELD_OUT_SHARE = 0.2;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const settings = {
  contactEvent: 'Customer Contacted',
  outcome: { event: 'Offer Answered', property: 'subscribed' },
  features: [
    ...['age', 'balance'].map((key) => ({ from: 'trait', key, kind: 'number' })),
    ...['job', 'marital', 'education'].map((key) => ({ from: 'trait', key, kind: 'category' })),
    ...['hasDefault', 'housingLoan', 'personalLoan'].map((key) => ({ from: 'trait', key, kind: 'boolean' })),
    ...['contactType', 'month', 'previousOutcome'].map((key) => ({ from: 'property', key, kind: 'category' })),
    ...['campaignContacts', 'daysSinceContact', 'previousContacts'].map((key) => ({ from: 'property', key, kind: 'number' })),
  ],
};

function readContacts(path: URL | string): readonly Contact[] {
  const bytes = readFileSync(path);
  const [header = '', ...lines] = (String(path).endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trim().split('\n');
  const columns = header.trim().split(',');
  let year = 2008;
  let lastMonth = 0;
  return lines.map((line, index) => {
    const cells = line.trim().split(',');
    const row = Object.fromEntries(columns.map((column, place) => [column, cells[place] ?? '']));
    const month = MONTHS.indexOf(row['month'] ?? '');
    if (month < lastMonth) year += 1;
    lastMonth = month;
    const daysSinceContact = Number(row['pdays']);
    return {
      id: `customer-${row['Cust_num'] ?? index}`,
      // Some rows of one day: their order in the file is their order in time.
      at: Date.UTC(year, month, Number(row['day'])) + index,
      traits: {
        email: `customer-${index}@example.invalid`,
        age: Number(row['age']),
        job: row['job'],
        marital: row['marital'],
        education: row['education'],
        balance: Number(row['balance']),
        hasDefault: row['default'] === 'yes',
        housingLoan: row['housing'] === 'yes',
        personalLoan: row['loan'] === 'yes',
      },
      properties: {
        contactType: row['contact'],
        month: row['month'],
        campaignContacts: Number(row['campaign']),
        previousContacts: Number(row['previous']),
        previousOutcome: row['poutcome'],
        ...(daysSinceContact < 0 ? {} : { daysSinceContact }),
      },
      isPositive: row['y'] === 'yes',
    };
  });
}

/** The plugin on tables in memory. */
function createTenant(contacts: readonly Contact[]) {
  const actions = new Map<string, ActionHandler>();
  const consumers = new Map<string, ConsumerHandler>();
  leads.setup({
    action: (id, handler) => void actions.set(id, handler as unknown as ActionHandler),
    consumer: (id, handler) => void consumers.set(id, handler as unknown as ConsumerHandler),
    check: () => undefined,
    schedule: () => undefined,
    trigger: () => undefined,
    route: () => undefined,
    webhook: () => undefined,
    agent: () => undefined,
    driver: () => undefined,
    onStop: () => undefined,
  });
  const profiles = new Map(contacts.map(({ id, traits }) => [id, { id, traits, identities: [`userId:${id}`] }]));
  const keys: Readonly<Record<string, string>> = {
    leads: 'id',
    contacts: 'contact',
    prospects: 'person',
    examples: 'id',
    models: 'id',
    current_model: 'id',
  };
  const tables = new Map(Object.keys(keys).map((name) => [name, new Map<string, { key: string; version: number; value: JsonObject }>()]));
  const tableOf = (name: string) => tables.get(name) ?? new Map<string, { key: string; version: number; value: JsonObject }>();
  const call = {
    settings,
    clock: { now: () => 0 },
    signal: new AbortController().signal,
    log: { info: () => undefined },
    actions: { call: async (_name: string, { id }: { id: string }) => profiles.get(id) },
    changes: {
      put: (name: string, value: JsonObject) => {
        const key = value[keys[name] ?? ''];
        if (typeof key !== 'string') throw new TypeError(`A row of ${name} has no key.`);
        tableOf(name).set(key, { key, version: (tableOf(name).get(key)?.version ?? 0) + 1, value });
      },
    },
    table: (name: string) => ({
      get: async (key: string) => tableOf(name).get(key),
      getMany: async (names: readonly string[]) => names.map((key) => tableOf(name).get(key)),
      query: async ({ limit = 100, cursor, index }: { limit?: number; cursor?: string; index?: string }) => {
        const field = index === 'by_time' ? 'at' : undefined;
        const sorted = [...tableOf(name).values()];
        if (field === undefined) sorted.reverse();
        const from = Number(cursor ?? 0);
        return { items: sorted.slice(from, from + limit), ...(from + limit < sorted.length ? { nextCursor: String(from + limit) } : {}) };
      },
    }),
  } as unknown as Call;
  return {
    addExample: ({ id, at, traits, properties, isPositive }: Contact) => {
      const { email: _email, ...known } = traits;
      const named = (prefix: string, values: JsonObject) =>
        Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}.${key}`, value]));
      tableOf('examples').set(id, {
        key: id,
        version: 1,
        value: { id, at, person: id, outcome: id, isPositive, values: { ...named('traits', known), ...named('properties', properties) } },
      });
    },
    act: async <Output>(name: string, input: JsonObject): Promise<Output> => (await actions.get(name)?.(input, call)) as Output,
    consume: async (events: readonly LoggedEvent[]) => consumers.get('capture')?.(events, call),
  };
}

function measure(probabilities: readonly number[], labels: readonly boolean[]): Measures {
  const order = probabilities.map((_, index) => index).sort((a, b) => (probabilities[a] ?? 0) - (probabilities[b] ?? 0));
  const count = order.length;
  let brier = 0;
  let logLoss = 0;
  for (const [index, probability] of probabilities.entries()) {
    const label = Number(labels[index]);
    brier += (probability - label) ** 2 / count;
    logLoss -= Math.log(label === 1 ? probability : 1 - probability) / count;
  }
  let ece = 0;
  for (let bin = 0; bin < 10; bin += 1) {
    const members = order.slice(Math.floor((bin * count) / 10), Math.floor(((bin + 1) * count) / 10));
    ece += Math.abs(members.reduce((sum, index) => sum + (probabilities[index] ?? 0) - Number(labels[index]), 0)) / count;
  }
  return { auc: aucOf(order, probabilities, labels), brier, logLoss, ece };
}

/** By the sum of ranks, ties counting half. */
function aucOf(order: readonly number[], probabilities: readonly number[], labels: readonly boolean[]): number {
  const positives = labels.filter(Boolean).length;
  let rankSum = 0;
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && probabilities[order[to] ?? 0] === probabilities[order[from] ?? 0]) to += 1;
    rankSum += order.slice(from, to).filter((index) => labels[index]).length * ((from + to + 1) / 2);
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (labels.length - positives));
}

function toEvent(contact: Contact, position: number, name: string, properties: JsonObject): LoggedEvent {
  const { id, at } = contact;
  return {
    id: `${id}-${name}`,
    position,
    kind: 'track',
    name,
    appId: 'app',
    isTest: false,
    occurredAt: at,
    receivedAt: at,
    identities: { userId: id },
    properties,
    traits: contact.traits,
    context: {},
    isImported: false,
    hops: 0,
    profileId: id,
  };
}

const contacts = readContacts(
  process.argv.slice(2).find((argument) => !argument.startsWith('--')) ??
    new URL('../examples/demo/data/bank-marketing.csv.gz', import.meta.url),
);
const split = Math.floor(contacts.length * (1 - HELD_OUT_SHARE));
const [past, future] = [contacts.slice(0, split), contacts.slice(split)];
const tenant = createTenant(contacts);
for (const contact of past) tenant.addExample(contact);

const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const startedAt = performance.now();
await tenant.act('train', {});
const trainMs = performance.now() - startedAt;
delay.disable();

const score = async (contact: Contact): Promise<number> =>
  (await tenant.act<{ probability: number }>('score', { person: contact.id, properties: contact.properties })).probability;
const frozen: number[] = [];
for (const contact of future) frozen.push(await score(contact));
const following: number[] = [];
for (const [index, contact] of future.entries()) {
  following.push(await score(contact));
  const answered = future[index - OUTCOME_AFTER_CONTACTS];
  await tenant.consume([
    toEvent(contact, 2 * index, settings.contactEvent, contact.properties),
    ...(answered === undefined ? [] : [toEvent(answered, 2 * index + 1, settings.outcome.event, { subscribed: answered.isPositive })]),
  ]);
}

const labels = future.map(({ isPositive }) => isPositive);
const baseRate = past.filter(({ isPositive }) => isPositive).length / past.length;
const heldOutRate = labels.filter(Boolean).length / labels.length;
const round = (value: number): number => Math.round(value * 10_000) / 10_000;
const rounded = (measures: Measures) => Object.fromEntries(Object.entries(measures).map(([name, value]) => [name, round(value)]));
const result = {
  trainedOn: past.length,
  heldOut: future.length,
  trainSeconds: round(trainMs / 1000),
  longestBlockMs: Math.round(delay.max / 1e6),
  baseRate: round(baseRate),
  heldOutRate: round(heldOutRate),
  baseRateBrier: round(
    measure(
      labels.map(() => baseRate),
      labels,
    ).brier,
  ),
  frozen: rounded(measure(frozen, labels)),
  following: { ...rounded(measure(following, labels)), outcomeAfterContacts: OUTCOME_AFTER_CONTACTS },
};
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
