import { hash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject, Row } from '@tendril/plugin-api';
import { hubEvent } from '../events/index.ts';
import type { Change, CommitResult } from '../ports.ts';
import type { OpenTenant } from '../tenants/index.ts';
import type { HoldReason, Reservation, SendRequest, SpendRequest } from './contract.ts';
import { RESERVATIONS } from './tables.ts';

/** A counter that a reservation raised. */
export interface Raised {
  readonly counter: string;
  readonly by: number;
}

/** A condition or count of a reservation, and what it means when it does not hold. */
export interface Guard {
  readonly change: Change;
  readonly reason: HoldReason;
}

/** What is tried to be reserved. */
export interface Attempt {
  readonly tenant: OpenTenant;
  readonly request: SendRequest | SpendRequest;
  readonly now: number;
  readonly guards: readonly Guard[];
  readonly raised: readonly Raised[];
  readonly value: JsonObject;
  readonly extra: readonly Change[];
}

/** The reservation's key: one per effect. */
export function reservationId(request: SendRequest | SpendRequest): string {
  return hash('sha256', JSON.stringify([request.action, request.idempotencyKey]), 'hex');
}

/** The stored reservation, unless it was released. */
export async function findReservation(
  tenant: OpenTenant,
  id: string,
): Promise<{ readonly row: Row | undefined; readonly isHeld: boolean }> {
  const [row] = await tenant.state.get(RESERVATIONS, [id]);
  return { row, isHeld: row !== undefined && row.value['state'] !== 'released' };
}

/** Counts and records at once, or says what did not hold; `raced` when another attempt of the same key was faster. */
export async function commitReservation(attempt: Attempt, version: number): Promise<HoldReason | 'raced' | undefined> {
  const { tenant, guards, value, extra } = attempt;
  const changes: readonly Change[] = [
    ...guards.map(({ change }) => change),
    { op: 'put', table: RESERVATIONS, value, expect: version },
    ...extra,
  ];
  const result: CommitResult = await tenant.state.commit(changes);
  return result.ok ? undefined : (guards[result.failed]?.reason ?? 'raced');
}

/** A reservation as it is stored. */
export interface StoredReservation {
  readonly value: JsonObject;
  /** Made by this attempt: one that was there already may have been made use of. */
  readonly isFresh: boolean;
}

/** What the holder of a reservation can do with it. */
export function toReservation(
  { tenant, request }: Attempt,
  { value, isFresh }: StoredReservation,
  clock: { now(): number },
): Omit<Reservation, 'permit'> {
  const id = reservationId(request);
  return {
    settlement: () => [{ op: 'put', table: RESERVATIONS, value: { ...value, state: 'settled', settledAt: clock.now() } }],
    release: async () => {
      if (!isFresh) return;
      const { row, isHeld } = await findReservation(tenant, id);
      if (row === undefined || !isHeld || row.value['state'] === 'settled') return;
      const raised = (row.value['raised'] ?? []) as unknown as readonly Raised[];
      await tenant.state.commit([
        { op: 'put', table: RESERVATIONS, value: { ...row.value, state: 'released' }, expect: row.version },
        ...raised.map(({ counter, by }): Change => ({ op: 'count', counter, by: -by })),
      ]);
    },
  };
}

/** Records that something was held back, and why. @returns the error for the caller */
export async function holdBack(
  tenant: OpenTenant,
  request: SendRequest | SpendRequest,
  reason: HoldReason,
  options: { readonly now: number; readonly until?: number },
): Promise<TendrilError> {
  const { now, until } = options;
  const isSend = 'channel' in request;
  const subject = isSend
    ? { channel: request.channel, purpose: request.purpose, person: request.personId }
    : { amount: request.amount, currency: request.currency };
  const event = hubEvent({
    name: isSend ? 'tendril.send.held_back' : 'tendril.spend.held_back',
    cause: `${request.action}/${request.idempotencyKey}`,
    discriminator: reason,
    occurredAt: now,
    isTest: request.isTest,
    causeHops: request.hops,
    properties: { action: request.action, reason, ...subject, ...(until !== undefined && { until: new Date(until).toISOString() }) },
    ...(isSend && request.identities !== undefined && { identities: request.identities }),
    ...(request.causedBy !== undefined && { causedBy: request.causedBy }),
    ...(request.requestId !== undefined && { requestId: request.requestId }),
  });
  await tenant.state.commit([{ op: 'emit', event }]);
  return new TendrilError('ACTION_HELD_BACK', { reason, action: request.action, ...(until !== undefined && { until }) });
}
