import type { LoggedEvent } from '@tendril/plugin-api';
import { stateConsentOfAll } from './consent.ts';
import type { Graph } from './graph.ts';
import { identityKey, identityOf } from './identity.ts';
import { normalise } from './mentions.ts';
import type { IdentityRules } from './identity-rules.ts';
import type { Part, Person } from './part.ts';
import { isIdentified } from './person.ts';

/** Asks for two people to be made one. Emitted by `profiles.merge`. */
export const MERGE_REQUESTED = 'tendril.profiles.merge_requested';
/** Asks for a merge to be undone. Emitted by `profiles.unmerge`. */
export const UNMERGE_REQUESTED = 'tendril.profiles.unmerge_requested';

const CONSENT_FACTS: Readonly<Record<string, boolean>> = {
  'tendril.unsubscribed': false,
  'tendril.suppressed': false,
  'tendril.unsuppressed': true,
};

/** Ids of people, keys of identities and ids of links that a fact of the hub names. */
export interface FactNeeds {
  readonly people: readonly string[];
  readonly identities: readonly string[];
  readonly links: readonly string[];
}

const NOTHING: FactNeeds = { people: [], identities: [], links: [] };

/** What has to be read for a fact. */
export function needsOf(event: LoggedEvent, rules: IdentityRules): FactNeeds {
  if (event.name === MERGE_REQUESTED) return { ...NOTHING, people: [text(event, 'into'), text(event, 'from')] };
  if (event.name === UNMERGE_REQUESTED) return { ...NOTHING, links: [text(event, 'link')] };
  if (!Object.hasOwn(CONSENT_FACTS, event.name)) return NOTHING;
  return { ...NOTHING, people: [text(event, 'person'), text(event, 'address')], identities: addressKeys(event, rules) };
}

/**
 * Applies a fact that the hub or an operator reported: merges by hand, their undoing, opt-outs.
 *
 * @returns people whose consent it is about
 */
export function applyFact(event: LoggedEvent, graph: Graph): readonly Person[] {
  if (event.name === MERGE_REQUESTED) applyMerge(event, graph);
  if (event.name === UNMERGE_REQUESTED) applyUnmerge(event, graph);
  return Object.hasOwn(CONSENT_FACTS, event.name) ? applyConsent(event, graph) : [];
}

function applyMerge(event: LoggedEvent, graph: Graph): void {
  const intoPart = graph.findPart(text(event, 'into'));
  const fromPart = graph.findPart(text(event, 'from'));
  if (intoPart === undefined || fromPart === undefined) return;
  const isByRule = text(event, 'by') === 'rule';
  if (isByRule && !mayRuleJoin(intoPart, fromPart, graph)) return;
  const reason = text(event, 'reason');
  graph.merge(
    {
      reason: isByRule ? 'rule' : 'person',
      intoPart,
      fromPart,
      isDirected: true,
      link: text(event, 'link'),
      ...(reason !== '' && { evidence: reason }),
    },
    event,
  );
}

function mayRuleJoin({ person: left }: Part, { person: right }: Part, graph: Graph): boolean {
  return !(isIdentified(left) && isIdentified(right)) && !graph.isApart(left, right) && graph.hasRoom(left, right);
}

function applyUnmerge(event: LoggedEvent, graph: Graph): void {
  const link = graph.findLink(text(event, 'link'));
  const reason = text(event, 'reason');
  if (link !== undefined) graph.separate(link, reason === '' ? undefined : reason, event);
}

function applyConsent(event: LoggedEvent, graph: Graph): readonly Person[] {
  const category = text(event, 'channel');
  if (category === '') return [];
  const ids = [text(event, 'person'), text(event, 'address')].flatMap((id) => graph.findPerson(id) ?? []);
  const owners = addressKeys(event, graph.rules).flatMap((key) => graph.find({ key })?.part.person ?? []);
  const people = [...new Set([...ids, ...owners])];
  for (const person of people) stateConsentOfAll(person.parts, { category, isGranted: CONSENT_FACTS[event.name] === true }, event);
  return people;
}

function addressKeys(event: LoggedEvent, rules: IdentityRules): readonly string[] {
  const address = text(event, 'address');
  if (address === '') return [];
  return ['email', 'phone'].flatMap((kind) => {
    const value = normalise(kind, address, rules);
    return value === undefined ? [] : [identityKey(identityOf(kind, value))];
  });
}

function text({ properties }: LoggedEvent, name: string): string {
  const value = properties[name];
  return typeof value === 'string' ? value : '';
}
