import type { Call, ConsumerHandler, LoggedEvent } from '@tendril/plugin-api';
import { assignEvent } from '../assign.ts';
import { consentIn, stateConsent } from '../consent.ts';
import type { ClockRow, Settings } from '../gen/manifest.gen.ts';
import { Graph } from '../graph.ts';
import { Groups } from '../groups.ts';
import { applyFact, needsOf } from '../hub-facts.ts';
import { loadIdentityRules } from '../identity-rules.ts';
import type { IdentityRules } from '../identity-rules.ts';
import { mentionsOf } from '../mentions.ts';
import type { Mentions } from '../mentions.ts';
import type { Handled } from '../outcome.ts';
import type { Part } from '../part.ts';
import { reportLinks } from '../report-links.ts';
import { applyTraits } from '../traits.ts';

const CLOCK = 'log';

/**
 * Makes people out of events: who they are, what is known of them, when they were seen. What it does depends on the log
 * alone, however that is cut into batches.
 */
export const project: ConsumerHandler<Settings> = async (events, call) => {
  const rules = await loadIdentityRules(call.settings);
  const named = events.map((event) => ({ event, mentions: mentionsOf(event, rules) }));
  const [graph, groups, clock] = await Promise.all([
    Graph.load(neededFor(named, rules), rules, call),
    Groups.load(events, call),
    call.table<ClockRow>('clock').get(CLOCK),
  ]);

  const handled: Handled[] = [];
  for (const { event, mentions } of named) {
    if (event.kind === 'hub') applyFact(event, graph);
    if (mentions === undefined) continue;
    const part = assignEvent(event, mentions, graph);
    takeIn(event, part);
    groups.apply(event, part);
    handled.push({ event, part });
  }

  await applyTraits(graph, call);
  moveClock(events, clock?.value.now ?? 0, call);
  reportLinks(graph, call);
  groups.write(graph);
  await graph.write();
};

function neededFor(named: readonly { readonly event: LoggedEvent; readonly mentions: Mentions | undefined }[], rules: IdentityRules) {
  const needs = { identities: new Set<string>(), people: new Set<string>(), links: new Set<string>() };
  for (const { event, mentions } of named) {
    for (const { key } of mentions?.list ?? []) needs.identities.add(key);
    for (const { key } of mentions?.previous ?? []) needs.identities.add(key);
    if (event.kind !== 'hub') continue;
    const { people, identities, links } = needsOf(event, rules);
    for (const key of identities) needs.identities.add(key);
    for (const id of people) if (id !== '') needs.people.add(id);
    for (const id of links) if (id !== '') needs.links.add(id);
  }
  return needs;
}

function takeIn(event: LoggedEvent, part: Part): void {
  part.firstSeenAt = Math.min(part.firstSeenAt, event.occurredAt);
  part.lastSeenAt = Math.max(part.lastSeenAt, event.occurredAt);
  part.person.isTouched = true;
  for (const statement of consentIn(event)) stateConsent(part, statement, event);
  if (event.kind === 'group') return;
  for (const [name, value] of Object.entries(event.traits)) {
    if (value !== undefined) part.statements.push({ name, value, at: event.occurredAt, source: event.id });
  }
}

function moveClock(events: readonly LoggedEvent[], before: number, call: Call<Settings>): number {
  const now = Math.max(before, ...events.map(({ receivedAt }) => receivedAt));
  if (now > before) call.changes.put('clock', { id: CLOCK, now } satisfies ClockRow);
  return now;
}
