import type { Json, JsonObject, Lead, PersonInfo, Mail, MailInfo, Overview, SandboxCount, SandboxEffect } from './types.ts';

type Maybe<Value> = Value | null | undefined;

/** The overview as the API gives it: what a tenant does not use is null or missing. */
export interface WireOverview {
  readonly tenant?: Overview['tenant'];
  readonly events?: { readonly total?: Maybe<number>; readonly today?: Maybe<number>; readonly perSecond?: Maybe<number> };
  readonly people?: Maybe<number>;
  readonly leads?: Maybe<number>;
  readonly runs?: Overview['runs'];
  readonly mails?: Maybe<number>;
  readonly sandbox?: Maybe<readonly SandboxCount[]>;
  readonly consumers?: Overview['consumers'];
  readonly governor?: Overview['governor'];
}

/** Fills what an overview leaves out. */
export function readOverview(wire: WireOverview): Overview {
  return {
    tenant: wire.tenant ?? { id: '', name: '' },
    events: { total: wire.events?.total ?? 0, today: wire.events?.today ?? undefined, perSecond: wire.events?.perSecond ?? undefined },
    people: wire.people ?? 0,
    leads: wire.leads ?? 0,
    runs: wire.runs ?? {},
    mails: wire.mails ?? 0,
    sandbox: wire.sandbox ?? [],
    consumers: wire.consumers ?? [],
    governor: wire.governor ?? { isPaused: false, sentToday: 0, dailyCap: 0, dailyCapPerPerson: 0 },
  };
}

/** A person in a list as the plugin `profiles` gives it. */
export type WirePersonInfo = Pick<PersonInfo, 'id'> & Partial<PersonInfo>;

/** Fills what is not known of a person. */
export function readPersonInfo(wire: WirePersonInfo): PersonInfo {
  return { traits: {}, identities: [], ...wire };
}

/** A lead as the plugin `leads` gives it. */
export type WireLead = Omit<Partial<Lead>, 'id'> & Pick<Lead, 'id'> & { readonly person?: string; readonly capturedAt?: Lead['createdAt'] };

/** Names what a lead has as the screens do. */
export function readLead({ person, capturedAt, ...lead }: WireLead): Lead {
  return { status: 'new', ...lead, personId: lead.personId ?? person ?? '', createdAt: lead.createdAt ?? capturedAt ?? 0 };
}

/** A mail as the API gives it: the sink knows when it came in, which is when it was sent. */
export type WireMail<Kind extends MailInfo> = Omit<Kind, 'sentAt'> & {
  readonly sentAt?: MailInfo['sentAt'];
  readonly receivedAt?: MailInfo['sentAt'];
};

/** Gives a mail the moment when it was sent. */
export function readMail<Kind extends Mail | MailInfo>(
  wire: WireMail<Kind>,
): Omit<Kind, 'sentAt'> & { readonly sentAt: MailInfo['sentAt'] } {
  return { ...wire, sentAt: wire.sentAt ?? wire.receivedAt ?? 0 };
}

/** A change at a sandbox as the API gives it. */
export interface WireEffect extends Omit<SandboxEffect, 'record'> {
  readonly record?: Json;
  readonly value?: JsonObject;
}

/** Gives a change its record. */
export function readEffect({ value, record, ...effect }: WireEffect): SandboxEffect {
  return { ...effect, record: record ?? value ?? {} };
}
