import type { Claim, Renewed } from '@tendril/engine/ports';
import type { TenantSessions } from './tenant-sessions.ts';
import type { HeldClaim, RenewedClaim } from './work/job-queue.ts';

/** Renews the claims of tenants that this process knows; those of others count as lost. */
export async function renewKnown(
  sessions: TenantSessions,
  claims: readonly Claim[],
  renew: (held: readonly HeldClaim[]) => Promise<readonly RenewedClaim[]>,
): Promise<Renewed> {
  const known = claims.flatMap((claim) => {
    const session = sessions.find(claim.tenantId);
    return session === undefined ? [] : [{ claim, session }];
  });
  const renewed = await renew(
    await Promise.all(known.map(async ({ claim: { id, fence }, session }) => ({ tenantNo: await session.ready(), id, fence }))),
  );
  const idsOf = (states: readonly (RenewedClaim | undefined)[]): ReadonlySet<string> =>
    new Set(known.filter((_, i) => states.includes(renewed[i])).map(({ claim }) => `${claim.tenantId}/${claim.id}`));
  return { held: idsOf(['held', 'woken']), woken: idsOf(['woken']) };
}
