import type { LoggedEvent } from '@tendril/plugin-api';
import { identityKey, identityOf, normaliseEmail } from './identity.ts';
import type { IdentityRule, IdentityRules } from './identity-rules.ts';

const MOST_EXTERNAL_IDS = 20;
const LONGEST_VALUE = 1_000;

/** One identity that an event names. */
export interface Mention {
  readonly identity: string;
  /** Under which it is stored. */
  readonly key: string;
  readonly rule: IdentityRule;
}

/** Whom an event names. */
export interface Mentions {
  /** Strongest first; never empty. */
  readonly list: readonly Mention[];
  /** Of an `alias`: what the person was known by, as either kind of id. */
  readonly previous: readonly Mention[];
}

/** What of an event tells whom it is about. Nothing for what the hub itself reports: that is not a sign of life. */
export function mentionsOf(event: LoggedEvent, rules: IdentityRules): Mentions | undefined {
  if (event.kind === 'hub') return undefined;
  const list: Mention[] = [];
  for (const rule of rules.rules) addMentions(list, event, rule, rules);
  const previous = event.kind === 'alias' ? previousOf(event, rules) : [];
  return list.length === 0 ? undefined : { list, previous };
}

function addMentions(list: Mention[], event: LoggedEvent, rule: IdentityRule, rules: IdentityRules): void {
  const [root, name] = rule.path;
  if (root === 'userId' || root === 'anonymousId') {
    add(list, rule, rule.kind, event.identities[root]);
    return;
  }
  if (root === 'traits') {
    // What a `group` call states is the group's.
    if (event.kind !== 'group' && name !== undefined) add(list, rule, rule.kind, normalise(rule.kind, own(event.traits, name), rules));
    return;
  }
  let value: unknown = event.context;
  for (const step of rule.path.slice(1)) value = typeof value === 'object' && value !== null ? own(value, step) : undefined;
  if (!Array.isArray(value)) {
    add(list, rule, rule.kind, normalise(rule.kind, value, rules));
    return;
  }
  for (const each of value.slice(0, MOST_EXTERNAL_IDS)) addExternal(list, rule, each);
}

/** Segment's `context.externalIds`: `{ id, type, collection: 'users' }`. */
function addExternal(list: Mention[], rule: IdentityRule, given: unknown): void {
  if (typeof given !== 'object' || given === null) return;
  const type = own(given, 'type');
  if (typeof type !== 'string' || type === '' || (own(given, 'collection') ?? 'users') !== 'users') return;
  add(list, rule, `${rule.kind}.${type.slice(0, 40).replaceAll(/[^A-Za-z0-9_-]/g, '_')}`, textOf(own(given, 'id')));
}

function add(list: Mention[], rule: IdentityRule, kind: string, value: string | undefined): void {
  if (value === undefined || value === '' || value.length > LONGEST_VALUE) return;
  const identity = identityOf(kind, value);
  if (list.every((mention) => mention.identity !== identity)) list.push({ identity, key: identityKey(identity), rule });
}

/** The one spelling of a value, by which it is kept and sought. */
export function normalise(kind: string, value: unknown, { parsePhone }: IdentityRules): string | undefined {
  if (value === undefined) return undefined;
  if (kind === 'email') return normaliseEmail(value);
  return kind === 'phone' ? parsePhone(value) : textOf(value);
}

function previousOf({ identities: { previousId } }: LoggedEvent, rules: IdentityRules): readonly Mention[] {
  if (previousId === undefined) return [];
  return ['userId', 'anonymousId'].flatMap((kind) => {
    const identity = identityOf(kind, previousId);
    const rule = rules.ruleOf(identity);
    return rule === undefined ? [] : [{ identity, key: identityKey(identity), rule }];
  });
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function own(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (object as Readonly<Record<string, unknown>>)[name] : undefined;
}
