import { hash } from 'node:crypto';
import type { AnalyticsEvent, Json, JsonObject, LoggedEvent, PersonLink, Scalar } from '@tendril/plugin-api';
import { holdsEmail, looksPersonalName, looksPersonalText } from './personal.ts';

/** What the driver's settings say of properties. */
export interface DeclaredProperties {
  readonly include?: readonly DeclaredProperty[];
  readonly exclude?: readonly DeclaredProperty[];
}

interface DeclaredProperty {
  /** All events without it. */
  readonly event?: string;
  readonly property: string;
}

const MOST_PROPERTIES = 100;
const LONGEST_NAME = 100;
const LONGEST_PATH = 300;
const LONGEST_DECLARED_TEXT = 1_000;
const UTM = ['source', 'medium', 'campaign', 'term', 'content'] as const;
/** Of pages and screens: the event has them in fields of its own. */
const PAGE_PROPERTIES = new Set(['path', 'url', 'referrer', 'search']);
/** Properties of what the hub reports that hold somebody's id. */
const HUB_IDS = new Set(['person', 'lead', 'into', 'from', 'owner', 'previousOwner']);
/** An address, or the end of one that begins with its path or what is asked. */
const ADDRESS = /^(?:[a-z][a-z\d+.-]*:\/\/|\.{0,2}\/|[?#])/i;
const JOINED = 'tendril.profiles.merged';
const PARTED = 'tendril.profiles.unmerged';

const MOST_ZONES = 1_000;

const zones = new Map<string, string | undefined>();

/** Makes what may go into a columnar copy of an event; never traits. */
export function projectEvent(event: LoggedEvent, declared: DeclaredProperties): AnalyticsEvent {
  const { position, name, kind, appId, isTest, occurredAt, receivedAt, context } = event;
  const person = personOf(event);
  const page = objectOf(context['page']);
  const path = pathOf(page['path'] ?? (kind === 'page' ? (event.properties['path'] ?? event.properties['url']) : undefined) ?? page['url']);
  const referrer = hostOf(page['referrer'] ?? (kind === 'page' ? event.properties['referrer'] : undefined));
  const timeZone = zoneOf(context['timezone']);
  const utm = utmOf(objectOf(context['campaign']));
  return {
    position,
    name,
    kind,
    appId,
    isTest,
    occurredAt,
    receivedAt,
    isAnonymous: event.identities.userId === undefined,
    ...(person !== undefined && { person }),
    ...(timeZone !== undefined && { timeZone }),
    ...(path !== undefined && { path }),
    ...(referrer !== undefined && { referrer }),
    ...(utm !== undefined && { utm }),
    properties: name === JOINED || name === PARTED ? {} : propertiesOf(event, declared),
  };
}

/** That two people became one or two again, where the event says so. */
export function linkOf({ name, position, properties }: LoggedEvent): PersonLink | undefined {
  if (name !== JOINED && name !== PARTED) return undefined;
  const { from, into } = properties;
  return typeof from === 'string' && typeof into === 'string' ? { position, from, into, isJoined: name === JOINED } : undefined;
}

/** The profile, or, where nobody keeps profiles, a hash of how the application knows them. */
function personOf({ profileId, identities: { userId, anonymousId } }: LoggedEvent): string | undefined {
  if (profileId !== undefined) return profileId;
  if (userId === undefined && anonymousId === undefined) return undefined;
  return `~${hash('sha256', JSON.stringify(userId === undefined ? { anonymousId } : { userId }), 'hex').slice(0, 32)}`;
}

function propertiesOf(
  { name, kind, properties, profileId, identities }: LoggedEvent,
  { include = [], exclude = [] }: DeclaredProperties,
): Readonly<Record<string, Scalar>> {
  const own = new Set<unknown>([profileId, identities.userId, identities.anonymousId]);
  const kept: Record<string, Scalar> = {};
  let count = 0;
  for (const [property, value] of Object.entries(properties)) {
    if (property === '' || property === '__proto__' || property.length > LONGEST_NAME || !isScalar(value)) continue;
    if (exclude.some((one) => declares(one, name, property))) continue;
    const isDeclared = include.some((one) => declares(one, name, property));
    if (!isDeclared && (own.has(value) || (kind === 'page' && PAGE_PROPERTIES.has(property)))) continue;
    if (!isDeclared && kind === 'hub' && (HUB_IDS.has(property) || isSentence(value))) continue;
    const shown = isDeclared ? value : withoutQuery(value);
    if (shown === '' && value !== '') continue;
    if (isDeclared ? isTooLong(shown) : looksPersonalName(property) || (typeof shown === 'string' && looksPersonalText(shown))) continue;
    kept[property] = shown;
    if ((count += 1) >= MOST_PROPERTIES) break;
  }
  return kept;
}

function declares({ event, property: declared }: DeclaredProperty, name: string, property: string): boolean {
  return declared === property && (event === undefined || event === name);
}

function isScalar(value: Json | undefined): value is Scalar {
  return typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

/** What a person has written; the hub's own words are codes. */
function isSentence(value: Scalar): boolean {
  return typeof value === 'string' && /\s/.test(value);
}

function isTooLong(value: Scalar): boolean {
  return typeof value === 'string' && value.length > LONGEST_DECLARED_TEXT;
}

/** What stands behind the question mark of an address may be anything, also a token. */
function withoutQuery(value: Scalar): Scalar {
  return typeof value === 'string' && ADDRESS.test(value) ? value.replace(/[?#].*$/s, '') : value;
}

function pathOf(value: Json | undefined): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  const path = URL.canParse(value) ? new URL(value).pathname : value.replace(/[?#].*$/s, '');
  return path === '' || path.length > LONGEST_PATH || holdsEmail(path) || looksPersonalText(path.slice(0, 120)) ? undefined : path;
}

function hostOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && URL.canParse(value) ? new URL(value).hostname || undefined : undefined;
}

/** In the one spelling of it: Intl takes any case, and distances from UTC for names. */
function zoneOf(value: Json | undefined): string | undefined {
  if (typeof value !== 'string' || value.length > 64 || !/^[a-z]/i.test(value)) return undefined;
  if (zones.has(value)) return zones.get(value);
  if (zones.size >= MOST_ZONES) zones.clear();
  const zone = spellingOf(value);
  zones.set(value, zone);
  return zone;
}

function spellingOf(timeZone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

function utmOf(campaign: JsonObject): AnalyticsEvent['utm'] {
  // Segment's libraries call utm_campaign `name`.
  const given: Readonly<Record<string, Json | undefined>> = { ...campaign, campaign: campaign['name'] ?? campaign['campaign'] };
  const entries = UTM.flatMap((word) => {
    const value = given[word];
    return typeof value === 'string' && value !== '' && !looksPersonalText(value) ? [[word, value] as const] : [];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
