/**
 * The lead model on the UCI Bank Marketing set: the last fifth by time is predicted, without `duration`.
 *
 *     node tools/run.mjs benchmarks/leads-model.ts [FILE.csv|FILE.csv.gz]
 *
 * Everything goes through the plugin's own handlers, on tables in memory. `frozen` is the model as it was trained on the
 * first four fifths; `following` lets outcomes since then move its level, each told so many contacts after its own.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { JsonObject, LoggedEvent } from '@tendril/plugin-api';
import { readContacts, settings } from './support/bank-contacts.ts';
import { createLeadsTenant } from './support/leads-tenant.ts';
import type { Contact } from './support/leads-tenant.ts';
import { measure } from './support/score-measures.ts';
import type { Measures } from './support/score-measures.ts';

const OUTCOME_AFTER_CONTACTS = 50;
const HELD_OUT_SHARE = 0.2;

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
const tenant = createLeadsTenant(contacts, settings);
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
