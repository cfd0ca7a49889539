import type { Call, LoggedEvent } from '@tendril/plugin-api';
import { assignEvent } from './assign.ts';
import { consentIn, stateConsent } from './consent.ts';
import type { ClockRow, Settings } from './gen/manifest.gen.ts';
import { Graph } from './graph.ts';
import { Groups } from './groups.ts';
import { applyFact, needsOf } from './hub-facts.ts';
import { loadIdentityRules } from './identity-rules.ts';
import type { IdentityRules } from './identity-rules.ts';
import { mentionsOf } from './mentions.ts';
import type { Mentions } from './mentions.ts';
import type { Handled, Outcome } from './outcome.ts';
import type { Part } from './part.ts';
import { saidAt } from './said-at.ts';
import { createPartOfPast, SegmentsBatch, WorkOnDefinitions } from './segments/index.ts';
import { applyTraits } from './traits.ts';

const CLOCK = 'log';

/** Reads what the events are about and applies them in memory, in the order of the log. Nothing of it is written yet. */
export async function applyBatch(events: readonly LoggedEvent[], call: Call<Settings>): Promise<Outcome> {
  const rules = await loadIdentityRules(call.settings);
  const clock = await call.table<ClockRow>('clock').get(CLOCK);
  const before = clock?.value.now ?? 0;
  const segments = await SegmentsBatch.load(before, call);
  const named = events.map((event) => ({ event, mentions: mentionsOf(event, rules) }));
  const [graph, groups] = await Promise.all([Graph.load(neededFor(named, rules, segments), rules, call), Groups.load(events, call)]);
  await segments.open(graph);
  const work = new WorkOnDefinitions(segments, createPartOfPast(rules, call, graph), call);
  const handled: Handled[] = [];
  for (const { event, mentions } of named) {
    segments.moveClock(event);
    const withdrawn = event.kind === 'hub' ? applyFact(event, graph) : [];
    const part = mentions === undefined ? undefined : assignEvent(event, mentions, graph);
    if (part !== undefined) {
      takeIn(event, part);
      groups.apply(event, part);
      handled.push({ event, part });
    }
    segments.follow(event, part);
    for (const person of withdrawn) segments.followFields(person, ['consent'], event);
    await work.follow(event);
  }
  await applyTraits(graph, call);
  if (segments.now > before) call.changes.put('clock', { id: CLOCK, now: segments.now } satisfies ClockRow);
  return { handled, graph, groups, segments };
}

function neededFor(
  named: readonly { readonly event: LoggedEvent; readonly mentions: Mentions | undefined }[],
  rules: IdentityRules,
  segments: SegmentsBatch,
) {
  const needs = { identities: new Set<string>(), people: new Set<string>(), links: new Set<string>() };
  for (const { event, mentions } of named) {
    for (const { key } of mentions?.list ?? []) needs.identities.add(key);
    for (const { key } of mentions?.previous ?? []) needs.identities.add(key);
    if (event.kind !== 'hub') continue;
    const { people, identities, links } = needsOf(event, rules);
    const counted = segments.needsOf(event);
    for (const key of [...identities, ...counted.identities]) needs.identities.add(key);
    for (const id of [...people, ...counted.people]) if (id !== '') needs.people.add(id);
    for (const id of links) if (id !== '') needs.links.add(id);
  }
  return needs;
}

function takeIn(event: LoggedEvent, part: Part): void {
  const at = saidAt(event);
  part.firstSeenAt = Math.min(part.firstSeenAt, at);
  part.lastSeenAt = Math.max(part.lastSeenAt, at);
  part.person.isTouched = true;
  for (const statement of consentIn(event)) stateConsent(part, statement, event);
  if (event.kind === 'group') return;
  for (const [name, value] of Object.entries(event.traits)) {
    if (value !== undefined) part.statements.push({ name, value, at, source: event.id });
  }
}
