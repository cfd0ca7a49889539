import type { ErrorCode, EventKind, JsonObject, LoggedEvent } from '@tendril/plugin-api';
import type { App, RawCall } from '../hub.ts';
import { checkShape } from './call-shape.ts';
import { orNothing } from './event-codec.ts';
import type { UnplacedEvent } from './event-codec.ts';
import { correctInstant, parseInstant } from './timestamps.ts';

/** Bytes of an event's JSON in UTF-8, at most. */
export const MAX_EVENT_BYTES = 32_768;
const MAX_NAME_CHARACTERS = 255;
const MAX_ID_CHARACTERS = 255;
/** What every store keeps of a name or message id, in UTF-8: most scripts take 1 to 2 bytes a character, some 3. */
const MAX_TEXT_BYTES = 700;
/** Names with this prefix are the hub's own. */
export const HUB_PREFIX = 'tendril.';

/** What came with the request that brought a call. */
export interface CallOrigin {
  readonly receivedAt: number;
  readonly sentAt?: number;
  readonly requestId: string;
  readonly isImport?: boolean;
  readonly ip?: string;
  readonly userAgent?: string;
}

/** Why a call is not even an event. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly reason: string;
}

const NAMES: Readonly<Record<string, string | undefined>> = {
  identify: '$identify',
  page: '$page',
  screen: '$screen',
  group: '$group',
  alias: '$alias',
};
const KINDS = new Set<unknown>(['track', 'identify', 'page', 'screen', 'group', 'alias']);
const RESERVED_NAMES = new Set(Object.values(NAMES));

/** Makes an event of a call of Segment's tracking API, or says why it is none. */
export function normaliseCall(call: RawCall, app: App, origin: CallOrigin, createId: () => string): UnplacedEvent | Refusal {
  // A batch is an array of whatever somebody sent.
  if (!isObject(call)) return refuse('the call is not an object');
  const shape = checkShape(call);
  if (shape.fault !== undefined) return refuse(shape.fault);
  if (shape.boundBytes > MAX_EVENT_BYTES && Buffer.byteLength(JSON.stringify(call)) > MAX_EVENT_BYTES) {
    return { code: 'EVENT_TOO_LARGE', reason: `larger than ${MAX_EVENT_BYTES} bytes` };
  }
  const kind = call['type'];
  if (!isKind(kind)) return refuse('type is none of track, identify, page, screen, group, alias');
  const name = nameOf(kind, call);
  if (typeof name !== 'string') return name;
  const identities = identitiesOf(kind, call);
  if (isRefusal(identities)) return identities;
  const occurredAt = occurredAtOf(call, origin);
  if (typeof occurredAt !== 'number') return occurredAt;
  const id = messageIdOf(call, createId);
  if (typeof id !== 'string') return id;
  return assemble({ call, kind, name, identities, occurredAt, id, app, origin });
}

/** The name that an event of a call would have; nothing for one that is no event. */
export function callName(call: RawCall): string | undefined {
  const kind = call['type'];
  const name = kind === 'track' ? call['event'] : isKind(kind) ? NAMES[kind] : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** Tells a refusal from an event. */
export function isRefusal(value: object): value is Refusal {
  return 'reason' in value;
}

interface Parts {
  readonly call: RawCall;
  readonly kind: EventKind;
  readonly name: string;
  readonly identities: LoggedEvent['identities'];
  readonly occurredAt: number;
  readonly id: string;
  readonly app: App;
  readonly origin: CallOrigin;
}

function assemble({ call, kind, name, identities, occurredAt, id, app, origin }: Parts): UnplacedEvent | Refusal {
  const properties = memberObject(call, 'properties');
  const traits = memberObject(call, 'traits');
  const context = memberObject(call, 'context');
  if (properties === 'wrong') return refuse('properties is not an object');
  if (traits === 'wrong') return refuse('traits is not an object');
  if (context === 'wrong') return refuse('context is not an object');
  return {
    id,
    kind,
    name,
    appId: app.id,
    isTest: app.isTest,
    occurredAt,
    receivedAt: origin.receivedAt,
    identities,
    properties: orNothing(kind === 'page' || kind === 'screen' ? withPage(call, properties) : properties),
    traits: orNothing(traits ?? traitsOf(context)),
    context: orNothing(withOrigin(context, origin)),
    isImported: origin.isImport === true,
    hops: 0,
    requestId: origin.requestId,
  };
}

function refuse(reason: string): Refusal {
  return { code: 'REQUEST_MALFORMED', reason };
}

function isKind(value: unknown): value is EventKind {
  return KINDS.has(value);
}

function nameOf(kind: EventKind, call: RawCall): string | Refusal {
  if (kind !== 'track') return NAMES[kind] ?? kind;
  const name = call['event'];
  if (typeof name !== 'string' || name === '') return refuse('event is not a name');
  if (name.length > MAX_NAME_CHARACTERS) return refuse(`event is longer than ${MAX_NAME_CHARACTERS} characters`);
  if (Buffer.byteLength(name) > MAX_TEXT_BYTES) return refuse(`event is longer than ${MAX_TEXT_BYTES} bytes`);
  if (name.startsWith(HUB_PREFIX) || RESERVED_NAMES.has(name)) return refuse('event is a name that Tendril keeps for itself');
  return name;
}

function identitiesOf(kind: EventKind, call: RawCall): LoggedEvent['identities'] | Refusal {
  const userId = identifier(call['userId']);
  const anonymousId = identifier(call['anonymousId']);
  if (userId === null) return refuseIdentifier('userId');
  if (anonymousId === null) return refuseIdentifier('anonymousId');
  if (userId === undefined && anonymousId === undefined) return refuse('neither userId nor anonymousId is there');
  const base = userId === undefined ? { anonymousId: anonymousId ?? '' } : anonymousId === undefined ? { userId } : { userId, anonymousId };
  if (kind === 'group') {
    const groupId = identifier(call['groupId']);
    return typeof groupId === 'string' ? { ...base, groupId } : refuseIdentifier('groupId');
  }
  if (kind === 'alias') {
    const previousId = identifier(call['previousId']);
    return typeof previousId === 'string' ? { ...base, previousId } : refuseIdentifier('previousId');
  }
  return base;
}

/** A number counts as its text, as with Segment. `undefined` when missing or empty, `null` when wrong. */
function identifier(value: unknown): string | undefined | null {
  if (typeof value === 'string') return value === '' ? undefined : value.length > MAX_ID_CHARACTERS ? null : value;
  if (value === undefined || value === null) return undefined;
  return typeof value === 'number' ? String(value) : null;
}

function refuseIdentifier(field: string): Refusal {
  return refuse(`${field} is not a text of 1 to ${MAX_ID_CHARACTERS} characters`);
}

function occurredAtOf(call: RawCall, origin: CallOrigin): number | Refusal {
  const given = call['timestamp'] ?? call['originalTimestamp'];
  const sent = call['sentAt'];
  const sentAt = sent === undefined || sent === null ? origin.sentAt : parseInstant(sent);
  if (sentAt === undefined && sent !== undefined && sent !== null) return refuse('sentAt is not a date of ISO 8601');
  if (given === undefined || given === null) return origin.receivedAt;
  const timestamp = parseInstant(given);
  if (timestamp === undefined) return refuse('timestamp is not a date of ISO 8601');
  return correctInstant(timestamp, sentAt, origin.receivedAt);
}

function messageIdOf(call: RawCall, createId: () => string): string | Refusal {
  const value = call['messageId'];
  if (value === undefined || value === null || value === '') return createId();
  if (typeof value !== 'string' || value.length > MAX_ID_CHARACTERS) return refuseIdentifier('messageId');
  if (Buffer.byteLength(value) > MAX_TEXT_BYTES) return refuse(`messageId is longer than ${MAX_TEXT_BYTES} bytes`);
  return value;
}

function memberObject(holder: JsonObject, field: string): JsonObject | undefined | 'wrong' {
  const value = holder[field];
  if (value === undefined || value === null) return undefined;
  return isObject(value) ? value : 'wrong';
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function traitsOf(context: JsonObject | undefined): JsonObject | undefined {
  const traits = context?.['traits'];
  return isObject(traits) ? traits : undefined;
}

/** Name and category of a page or screen are properties of its event, as with Segment. */
function withPage(call: RawCall, properties: JsonObject | undefined): JsonObject | undefined {
  const { name, category } = call;
  const hasName = typeof name === 'string' && properties?.['name'] === undefined;
  const hasCategory = typeof category === 'string' && properties?.['category'] === undefined;
  if (!hasName && !hasCategory) return properties;
  return { ...properties, ...(hasName ? { name } : {}), ...(hasCategory ? { category } : {}) };
}

function withOrigin(context: JsonObject | undefined, origin: CallOrigin): JsonObject | undefined {
  const needsIp = origin.ip !== undefined && context?.['ip'] === undefined;
  const needsUserAgent = origin.userAgent !== undefined && context?.['userAgent'] === undefined;
  if (!needsIp && !needsUserAgent) return context;
  return { ...context, ...(needsIp ? { ip: origin.ip } : {}), ...(needsUserAgent ? { userAgent: origin.userAgent } : {}) };
}
