import { hash } from 'node:crypto';
import type { Call, Json, JsonObject } from '@tendril/plugin-api';
import { foldGmail } from '../contact-key.ts';
import type { Settings } from '../gen/manifest.gen.ts';
import { parseEmail } from './email-syntax.ts';
import { readInstant } from './instant.ts';
import { createPhoneReader } from './phone.ts';

/** What is stated of somebody from outside, before it is checked. */
export interface Statement {
  readonly userId?: string;
  readonly anonymousId?: string;
  /** ISO 8601; now without it. */
  readonly timestamp?: string;
  readonly traits: Readonly<Record<string, Json>>;
  /** By purpose; what is missing says nothing. */
  readonly consent?: Readonly<Record<string, boolean>>;
}

/** Why a statement is no event. */
export type IntakeCode = 'no_identity' | 'invalid_email' | 'invalid_phone' | 'invalid_time' | 'too_long';

/** A statement that cannot be taken in; `member` is the trait or identity that is to blame. */
export interface IntakeRefusal {
  readonly code: IntakeCode;
  readonly member?: string;
}

/** A statement as a call of the tracking API. */
export interface Identified {
  /** `identify`, without message id and context. */
  readonly call: JsonObject;
  /** The strongest identity: the same for the same person. */
  readonly key: string;
  /** `email:…`, `phone:…`, as leads are matched by them. */
  readonly contactKeys: readonly string[];
  /** Normalised. */
  readonly email?: string;
}

/** Makes calls of statements. */
export type Intake = (statement: Statement) => Identified | IntakeRefusal;

const LONGEST_ID = 250;
const LONGEST_TEXT = 4_000;

/** Tells a refusal from a call. */
export function isRefused(value: Identified | IntakeRefusal): value is IntakeRefusal {
  return 'code' in value;
}

/**
 * The one way in for what is told of leads from outside: rows, forms, webhooks and calls are checked and identified alike, so that
 * the same address is the same person wherever it came from.
 *
 * @param mayHavePhone whether a phone number may come: the library for them is loaded only then
 */
export async function createIntake(
  { settings, tenant }: Pick<Call<Settings>, 'settings' | 'tenant'>,
  mayHavePhone: boolean,
): Promise<Intake> {
  const { emailTrait = 'email', phoneTrait = 'phone' } = settings;
  const readPhone = mayHavePhone ? await createPhoneReader(settings.defaultCountry) : undefined;
  return ({ userId, anonymousId, timestamp, traits, consent }) => {
    if (userId !== undefined && userId.length > LONGEST_ID) return { code: 'too_long', member: 'userId' };
    if (anonymousId !== undefined && anonymousId.length > LONGEST_ID) return { code: 'too_long', member: 'anonymousId' };
    const occurredAt = timestamp === undefined ? undefined : readInstant(timestamp);
    if (timestamp !== undefined && !isInstant(occurredAt)) return { code: 'invalid_time', member: 'timestamp' };
    const long = longTrait(traits);
    if (long !== undefined) return { code: 'too_long', member: long };
    const given = textOf(traits[emailTrait]);
    const parts = given === undefined ? undefined : parseEmail(given);
    if (given !== undefined && parts === undefined) return { code: 'invalid_email', member: emailTrait };
    const number = textOf(traits[phoneTrait]);
    const phone = number === undefined ? undefined : readPhone?.(number);
    if (phone === 'invalid') return { code: 'invalid_phone', member: phoneTrait };
    const email = parts === undefined ? undefined : `${parts.local}@${parts.domain}`;
    const contactKeys = [
      ...(email === undefined ? [] : [`email:${settings.foldGmail === true ? foldGmail(email) : email}`]),
      ...(phone === undefined ? [] : [`phone:${phone}`]),
    ];
    const key =
      userId === undefined
        ? (contactKeys[0] ?? (anonymousId === undefined ? undefined : `anonymousId:${anonymousId}`))
        : `userId:${userId}`;
    if (key === undefined)
      return { code: number === undefined ? 'no_identity' : 'invalid_phone', ...(number === undefined ? {} : { member: phoneTrait }) };
    return {
      key,
      contactKeys,
      ...(email === undefined ? {} : { email }),
      call: {
        type: 'identify',
        ...(userId === undefined ? { anonymousId: anonymousId ?? anonymousIdOf(tenant.id, key) } : { userId }),
        ...(userId === undefined || anonymousId === undefined ? {} : { anonymousId }),
        ...(occurredAt === undefined ? {} : { timestamp: new Date(occurredAt).toISOString() }),
        traits: {
          ...traits,
          ...(email === undefined ? {} : { [emailTrait]: email }),
          ...(phone === undefined ? {} : { [phoneTrait]: phone }),
        },
        ...(consent === undefined || Object.keys(consent).length === 0 ? {} : { context: { consent: { categoryPreferences: consent } } }),
      },
    };
  };
}

/** Derived from an identity: whoever states it again is the same person, without anybody having looked. */
export function anonymousIdOf(tenantId: string, key: string): string {
  return `lead-${hash('sha256', `${tenantId}\0${key}`, 'hex').slice(0, 32)}`;
}

/** The call with where it came from and the id by which it is taken in once. */
export function withOrigin(call: JsonObject, messageId: string, origin: JsonObject): JsonObject {
  return { ...call, messageId, context: { ...(call['context'] as JsonObject | undefined), ...origin } };
}

function isInstant(at: number | undefined): boolean {
  return at !== undefined && at > 0 && at < 4_102_444_800_000;
}

function longTrait(traits: Readonly<Record<string, Json>>): string | undefined {
  for (const name in traits) {
    const value = traits[name];
    if (typeof value === 'string' && value.length > LONGEST_TEXT) return name;
  }
  return undefined;
}

function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
