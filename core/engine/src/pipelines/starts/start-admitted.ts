import { TendrilError } from '@tendril/plugin-api';
import type { Change } from '../../ports.ts';
import type { OpenTenant } from '../../tenants/contract.ts';
import type { Deployed } from '../deployments.ts';
import type { RunRecord } from '../runs/records.ts';
import type { RunStarter } from '../runs/start-run.ts';
import { RUNS } from '../tables.ts';
import { admit } from './admission.ts';
import type { AdmissionRefusal } from './admission.ts';

/** What became of a start. */
export type StartOutcome =
  | { readonly kind: 'started'; readonly run: RunRecord }
  /** A run of this id had been started before; nothing was counted again. */
  | { readonly kind: 'exists' }
  | { readonly kind: 'refused'; readonly code: AdmissionRefusal };

const ATTEMPTS = 20;

/**
 * Starts a run in a commit of its own when `rateLimit` and `serial.max` let it in. Safe to call twice with the same run.
 *
 * @param options.extra committed with the start; when one of its conditions does not hold, nothing is started
 * @throws TendrilError RUN_NOT_STARTED with `details.code` `key_failed`; CONFLICT when a condition of `extra` does not hold
 */
export async function startAdmitted(
  starter: RunStarter,
  tenant: OpenTenant,
  candidate: { readonly deployed: Deployed; readonly run: RunRecord },
  options: { readonly now: number; readonly extra?: readonly Change[] },
): Promise<StartOutcome> {
  const { deployed, run } = candidate;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const admission = await admit(tenant, deployed, run, options.now);
    if ('run' in admission) {
      if (await starter.start(tenant, admission.run, [...(options.extra ?? []), ...admission.changes]))
        return { kind: 'started', run: admission.run };
    }
    const [existing] = await tenant.state.get(RUNS, [run.id]);
    if (existing !== undefined) return { kind: 'exists' };
    if ('refused' in admission) return { kind: 'refused', code: admission.refused };
  }
  throw new TendrilError('CONFLICT', { pipeline: run.pipeline });
}
