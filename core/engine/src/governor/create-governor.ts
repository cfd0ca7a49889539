import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject, Permit } from '@tendril/plugin-api';
import type { Change } from '../ports.ts';
import type { OpenTenant, TenantOpener } from '../tenants/index.ts';
import { counterExpiryAt, dayIn, nextDayAt } from '../calendar.ts';
import type { Governor, HoldReason, Reservation, SendRequest, SpendRequest } from './contract.ts';
import { createGovernorService } from './governor-service.ts';
import { counterNames, readLimits } from './limits.ts';
import { commitReservation, findReservation, holdBack, reservationId, toReservation } from './reservation.ts';
import type { Attempt, Guard, StoredReservation } from './reservation.ts';
import { notSuppressed, suppressionId } from './suppressions.ts';
import { GOVERNOR_TABLES, PAUSES, SUPPRESSIONS } from './tables.ts';
import { linkToken, rememberLink } from './unsubscribe-links.ts';

/** What the governor needs of the hub. */
export interface GovernorOptions {
  readonly tenants: TenantOpener;
  readonly clock: Clock;
  /** Where people reach the hub from outside, without a slash at the end: unsubscribe links begin with it. */
  readonly publicUrl: () => string;
}

const MOST_RACES = 5;
const NOT_PAUSED: Guard = { change: { op: 'delete', table: PAUSES, key: 'all', expect: 0 }, reason: 'paused' };

/** @returns the governor of all tenants; it keeps nothing in memory */
export function createGovernor({ tenants, clock, publicUrl }: GovernorOptions): Governor {
  async function reserve(attempt: Attempt): Promise<StoredReservation> {
    const { tenant, request, value, now } = attempt;
    for (let race = 0; race < MOST_RACES; race += 1) {
      const { row, isHeld } = await findReservation(tenant, reservationId(request));
      const failed = isHeld ? await standingIn(attempt) : await commitReservation(attempt, row?.version ?? 0);
      if (failed === undefined) return isHeld && row !== undefined ? { value: row.value, isFresh: false } : { value, isFresh: true };
      if (failed !== 'raced') throw await holdBack(tenant, request, failed, { now, ...untilOf(failed, tenant, now) });
    }
    throw new TendrilError('CONFLICT', { what: 'reservation' });
  }

  async function reserveSend(request: SendRequest): Promise<Reservation> {
    const tenant = await tenants.open(request.tenantId);
    const now = clock.now();
    const { address, channel, purpose, personId, isTest } = request;
    if (address === undefined || address.trim() === '') throw await holdBack(tenant, request, 'no_address', { now });
    if (request.refused?.some((what) => what === purpose || what === channel) === true)
      throw await holdBack(tenant, request, 'no_consent', { now });
    const { limits } = await readLimits(tenant.state);
    const day = dayIn(tenant.tenant.timeZone, now);
    const names = counterNames(day, isTest);
    const raised = [
      { counter: names.tenant, by: 1 },
      { counter: names.person(personId), by: 1 },
    ];
    const [ofTenant, ofPerson] = [limits.dailyCap, limits.dailyCapPerPerson];
    const guards: readonly Guard[] = [
      NOT_PAUSED,
      ...suppressionIds(request).map((id): Guard => ({ change: notSuppressed(id), reason: 'suppressed' })),
      { change: { op: 'count', counter: names.tenant, by: 1, max: ofTenant, expiresAt: counterExpiryAt(now) }, reason: 'cap_of_tenant' },
      {
        change: { op: 'count', counter: names.person(personId), by: 1, max: ofPerson, expiresAt: counterExpiryAt(now) },
        reason: 'cap_of_person',
      },
    ];
    const subject = { channel, purpose, personId, address, ...(request.identities !== undefined && { identities: request.identities }) };
    const token = linkToken(tenant, subject);
    const id = reservationId(request);
    const value: JsonObject = {
      id,
      kind: 'send',
      action: request.action,
      channel,
      purpose,
      personId,
      address,
      isTest,
      day,
      at: now,
      state: 'reserved',
      raised,
      ...(request.causedBy?.runId !== undefined && { runId: request.causedBy.runId }),
    };
    const attempt: Attempt = { tenant, request, now, guards, raised, value, extra: [rememberLink(token, subject, now)] };
    const stored = await reserve(attempt);
    // A retry sends to the address that was checked now: the person may have changed it since.
    const permit: Permit = { id, personId, channel, purpose, address, unsubscribeUrl: `${publicUrl()}/u/${token}` };
    return { permit, ...toReservation(attempt, { ...stored, value: { ...stored.value, address } }, clock) };
  }

  async function reserveSpend(request: SpendRequest): Promise<Reservation> {
    const { amount, currency, isTest } = request;
    if (!Number.isSafeInteger(amount) || amount < 0)
      throw new TendrilError('INPUT_INVALID', { field: 'amount', expected: 'a whole number of the smallest unit, from 0' });
    const tenant = await tenants.open(request.tenantId);
    const now = clock.now();
    const { limits } = await readLimits(tenant.state);
    const day = dayIn(tenant.tenant.timeZone, now);
    const counter = counterNames(day, isTest).spend(currency);
    const raised = [{ counter, by: amount }];
    const budget: Change = { op: 'count', counter, by: amount, max: limits.dailyBudgets[currency] ?? 0, expiresAt: counterExpiryAt(now) };
    const value: JsonObject = {
      id: reservationId(request),
      kind: 'spend',
      action: request.action,
      amount,
      currency,
      isTest,
      day,
      at: now,
      state: 'reserved',
      raised,
    };
    const attempt: Attempt = { tenant, request, now, guards: [NOT_PAUSED, { change: budget, reason: 'budget' }], raised, value, extra: [] };
    const stored = await reserve(attempt);
    if (stored.value['amount'] !== amount || stored.value['currency'] !== currency)
      throw new TendrilError('IDEMPOTENCY_KEY_REUSED', { action: request.action });
    return toReservation(attempt, stored, clock);
  }

  return { reserveSend, reserveSpend, service: (tenantId) => createGovernorService(tenantId, { tenants, clock }), tables: GOVERNOR_TABLES };
}

/** A reservation that is there already is not counted again, but what may have changed since is read again. */
async function standingIn({ tenant, request }: Attempt): Promise<HoldReason | undefined> {
  const ids = 'channel' in request ? suppressionIds(request) : [];
  const [[pause], suppressions] = await Promise.all([tenant.state.get(PAUSES, ['all']), tenant.state.get(SUPPRESSIONS, ids)]);
  if (pause !== undefined) return 'paused';
  return suppressions.some((row) => row !== undefined) ? 'suppressed' : undefined;
}

/** Each once: a condition on a row that stands twice in a changeset would be met by the first. */
function suppressionIds({ channel, address, personId, aliases = [] }: SendRequest): readonly string[] {
  const targets = [personId, ...(address === undefined ? [] : [address]), ...aliases];
  return [...new Set(targets.map((target) => suppressionId(channel, target)))];
}

/** Caps and budgets are of a day in the tenant's own time zone; a pause and a suppression end when somebody ends them. */
function untilOf(reason: HoldReason, tenant: OpenTenant, now: number): { readonly until?: number } {
  const isDaily = reason === 'cap_of_tenant' || reason === 'cap_of_person' || reason === 'budget';
  return isDaily ? { until: nextDayAt(tenant.tenant.timeZone, now) } : {};
}
