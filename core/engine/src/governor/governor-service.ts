import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import { hubEvent } from '../events/index.ts';
import type { GovernorService } from '../hub.ts';
import type { Change } from '../ports.ts';
import type { OpenTenant, TenantOpener } from '../tenants/index.ts';
import { dayIn } from '../calendar.ts';
import { counterNames, fromLimits, readLimits } from './limits.ts';
import { suppression, suppressionId } from './suppressions.ts';
import { LIMITS, PAUSES, SUPPRESSIONS } from './tables.ts';
import { addressHint, findLink } from './unsubscribe-links.ts';

/** The governor as operators and unsubscribe pages see it, for one tenant. */
export function createGovernorService(
  tenantId: string,
  { tenants, clock }: { readonly tenants: TenantOpener; readonly clock: Clock },
): GovernorService {
  const open = (): Promise<OpenTenant> => tenants.open(tenantId);

  function report(
    name: string,
    cause: string,
    properties: JsonObject,
    extra: Pick<Parameters<typeof hubEvent>[0], 'identities'> = {},
  ): Change {
    return { op: 'emit', event: hubEvent({ name, cause, occurredAt: clock.now(), isTest: false, properties, ...extra }) };
  }

  /** A repeated word of an operator is recorded once: only the first finds the row as it expects it. */
  async function commitOnce(changes: readonly Change[]): Promise<boolean> {
    return (await (await open()).state.commit(changes)).ok;
  }

  return {
    status: async () => {
      const { state, tenant } = await open();
      const day = dayIn(tenant.timeZone, clock.now());
      const counters = [false, true].map((isTest) => counterNames(day, isTest).tenant);
      const [[pause], { limits }, [sentToday = 0, testSentToday = 0]] = await Promise.all([
        state.get(PAUSES, ['all']),
        readLimits(state),
        state.counters(counters),
      ]);
      return {
        isPaused: pause !== undefined,
        sentToday,
        testSentToday,
        dailyCap: limits.dailyCap,
        dailyCapPerPerson: limits.dailyCapPerPerson,
      };
    },
    pause: async () => {
      const at = clock.now();
      await commitOnce([
        { op: 'put', table: PAUSES, value: { id: 'all', at }, expect: 0 },
        report('tendril.sending.paused', `pause/${at}`, {}),
      ]);
    },
    resume: async () => {
      const { state } = await open();
      const [row] = await state.get(PAUSES, ['all']);
      if (row === undefined) return;
      await commitOnce([
        { op: 'delete', table: PAUSES, key: 'all', expect: row.version },
        report('tendril.sending.resumed', `resume/${clock.now()}`, {}),
      ]);
    },
    configure: async ({ dailyCap, dailyCapPerPerson }) => {
      for (const [field, value] of Object.entries({ dailyCap, dailyCapPerPerson })) {
        if (value !== undefined && (!Number.isSafeInteger(value) || value < 0))
          throw new TendrilError('INPUT_INVALID', { field, expected: 'a whole number from 0' });
      }
      const { state } = await open();
      const { limits, version } = await readLimits(state);
      const changed = {
        ...limits,
        ...(dailyCap !== undefined && { dailyCap }),
        ...(dailyCapPerPerson !== undefined && { dailyCapPerPerson }),
      };
      const result = await state.commit([
        { op: 'put', table: LIMITS, value: fromLimits(changed), expect: version },
        report('tendril.sending.limits_changed', `limits/${version + 1}`, {
          dailyCap: changed.dailyCap,
          dailyCapPerPerson: changed.dailyCapPerPerson,
        }),
      ]);
      if (!result.ok) throw new TendrilError('CONFLICT', { what: 'limits' });
    },
    suppress: async (channel, address, reason) => {
      if (channel === '' || address.trim() === '')
        throw new TendrilError('INPUT_INVALID', { field: channel === '' ? 'channel' : 'address' });
      const at = clock.now();
      await commitOnce([
        suppression(channel, address, reason, at),
        report('tendril.suppressed', `suppress/${channel}/${at}/${suppressionId(channel, address)}`, { channel, reason, address }),
      ]);
    },
    isSuppressed: async (channel, address) => {
      const [row] = await (await open()).state.get(SUPPRESSIONS, [suppressionId(channel, address)]);
      return row !== undefined;
    },
    unsuppress: async (channel, address) => {
      const { state } = await open();
      const id = suppressionId(channel, address);
      const [row] = await state.get(SUPPRESSIONS, [id]);
      if (row === undefined) return;
      await commitOnce([
        { op: 'delete', table: SUPPRESSIONS, key: id, expect: row.version },
        report('tendril.unsuppressed', `unsuppress/${clock.now()}/${id}`, { channel, address }),
      ]);
    },
    describeUnsubscribe: async (token) => {
      const { channel, purpose, address } = await findLink(await open(), token);
      return { channel, purpose, addressHint: addressHint(address) };
    },
    unsubscribe: async (token) => {
      const tenant = await open();
      const { channel, purpose, personId, address, identities } = await findLink(tenant, token);
      const targets = [address, personId];
      const rows = await tenant.state.get(
        SUPPRESSIONS,
        targets.map((target) => suppressionId(channel, target)),
      );
      if (rows.every((row) => row !== undefined)) return;
      const at = clock.now();
      await tenant.state.commit([
        ...targets.map((target) => suppression(channel, target, 'unsubscribed', at)),
        report(
          'tendril.unsubscribed',
          `unsubscribe/${token}/${at}`,
          { channel, purpose, person: personId },
          identities === undefined ? {} : { identities },
        ),
      ]);
    },
  };
}
