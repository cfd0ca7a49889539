import type { LoggedEvent } from '@tendril/plugin-api';
import type { Graph, Holder } from './graph.ts';
import type { LinksRow } from './gen/manifest.gen.ts';
import { kindOf } from './identity.ts';
import type { Mention, Mentions } from './mentions.ts';
import type { Part, Person } from './part.ts';
import { isIdentified } from './person.ts';

/**
 * Finds or makes the part of an event, and joins people whom the event says to be one.
 *
 * An event belongs to the part of its strongest identity. A weaker one leads to somebody only if that gives nobody a second
 * identity of a kind that is stronger than it: two addresses on one device are two people. People with a userId each stay apart
 * unless an `alias` names both. An identity that leads to somebody else stays there.
 */
export function assignEvent(event: LoggedEvent, mentions: Mentions, graph: Graph): Part {
  const usable = mentions.list.filter((mention) => graph.find(mention)?.isShared !== true);
  if (usable.length === 0) return assignShared(event, mentions, graph);
  const previous = mentions.previous.flatMap((mention) => graph.find(mention) ?? []);
  const part = knownPart(usable, previous, graph) ?? graph.create(event);
  for (const mention of previous.length === 0 ? [...usable, ...mentions.previous] : usable) graph.attach(part, mention);
  for (const holder of previous) joinAlias(holder, part, event, graph);
  for (const mention of usable) joinOrMeet([mention, usable[0] ?? mention], part, event, graph);
  return part;
}

function assignShared(event: LoggedEvent, { list }: Mentions, graph: Graph): Part {
  const [strongest] = list.flatMap((mention) => graph.find(mention) ?? []);
  return strongest === undefined ? graph.create(event) : graph.aloneOf(strongest, event);
}

function knownPart(usable: readonly Mention[], previous: readonly Holder[], graph: Graph): Part | undefined {
  const [first] = usable;
  const strongest = first === undefined ? undefined : graph.find(first)?.part;
  if (strongest !== undefined) return strongest;
  const hasUserId = usable.some(({ identity }) => isUserId(identity));
  const aliased = previous.find(({ identity, part }) => isUserId(identity) || !hasUserId || !isIdentified(part.person));
  if (aliased !== undefined) return aliased.part;
  for (const mention of usable) {
    const part = graph.find(mention)?.part;
    if (part !== undefined && isCompatible(part.person, mention, usable)) return part;
  }
  return undefined;
}

/** Whether somebody may be given the stronger ones among an event's identities because of a weaker one. */
function isCompatible(person: Person, by: Mention, usable: readonly Mention[]): boolean {
  return usable.every(({ identity, rule }) => {
    if (rule.isDevice || (rule.priority >= by.rule.priority && !isUserId(identity))) return true;
    const kind = kindOf(identity);
    let hasOther = false;
    for (const part of person.parts) {
      for (const known of part.identities) {
        if (known === identity) return true;
        hasOther ||= kindOf(known) === kind;
      }
    }
    return !hasOther;
  });
}

function joinAlias({ identity, part: other }: Holder, part: Part, event: LoggedEvent, graph: Graph): void {
  // A device's id may be that of somebody else who used it: only naming two userIds joins identified people.
  const mayJoin = isUserId(identity) || !isIdentified(other.person) || !isIdentified(part.person);
  if (mayJoin) graph.merge({ reason: 'alias', intoPart: part, fromPart: other, evidence: identity }, event);
}

function joinOrMeet([mention, strongest]: readonly [Mention, Mention], part: Part, event: LoggedEvent, graph: Graph): void {
  const holder = graph.find(mention);
  if (holder === undefined || holder.part.person === part.person) return;
  if (!isJoinable(holder.part.person, part.person, mention, graph)) {
    graph.meet(holder, part, mention.rule.sharedAfter, event);
    return;
  }
  // The address tells that somebody on a device is who is known by it.
  const evidence = [mention, strongest].find(({ rule }) => rule.kind === 'email' || rule.kind === 'phone') ?? mention;
  graph.merge({ reason: reasonOf(evidence), intoPart: part, fromPart: holder.part, evidence: evidence.identity }, event);
}

function isJoinable(left: Person, right: Person, by: Mention, graph: Graph): boolean {
  if (isIdentified(left) && isIdentified(right)) return false;
  if (graph.isApart(left, right) || !graph.hasRoom(left, right)) return false;
  if (graph.countOf(left, by.rule.kind) + graph.countOf(right, by.rule.kind) > by.rule.perPerson) return false;
  const kinds = strongKinds(left, by, graph);
  for (const kind of strongKinds(right, by, graph)) if (kinds.has(kind)) return false;
  return true;
}

/** Kinds of identities that are stronger than the one by which two would be joined. */
function strongKinds({ parts }: Person, by: Mention, graph: Graph): ReadonlySet<string> {
  const kinds = new Set<string>();
  for (const { identities } of parts) {
    for (const identity of identities) {
      const rule = graph.rules.ruleOf(identity);
      if (rule !== undefined && !rule.isDevice && rule.priority < by.rule.priority) kinds.add(kindOf(identity));
    }
  }
  return kinds;
}

function reasonOf({ rule }: Mention): LinksRow['reason'] {
  return rule.kind === 'email' || rule.kind === 'phone' ? rule.kind : 'identify';
}

function isUserId(identity: string): boolean {
  return identity.startsWith('userId:');
}
