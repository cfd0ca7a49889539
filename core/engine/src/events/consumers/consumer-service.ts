import { TendrilError } from '@tendril/plugin-api';
import type { Clock } from '@tendril/plugin-api';
import type { ConsumerService } from '../../hub.ts';
import type { OpenTenant, TenantOpener } from '../../tenants/index.ts';
import type { ConsumerDefinition } from '../contract.ts';
import { decodeEvent } from '../event-codec.ts';
import { ConsumerState } from './consumer-state.ts';

const WAIT_MS = 50;
const LONGEST_WAIT_MS = 30_000;

/** What the face of one tenant's consumers needs. */
export interface ConsumerServiceOptions {
  readonly tenantId: string;
  readonly tenants: TenantOpener;
  readonly clock: Clock;
  readonly definitions: () => readonly ConsumerDefinition[];
  /** Has the consumer look what was asked of it. */
  readonly ask: (id: string) => Promise<void>;
  readonly wait: (ms: number) => Promise<void>;
}

/** Followers of one tenant's log, as they are asked for from outside. What is asked is kept, and done by whoever holds the lease. */
export function createConsumerService(options: ConsumerServiceOptions): ConsumerService {
  const { tenantId, tenants, clock, definitions, ask, wait } = options;

  async function stateOf(id: string): Promise<ConsumerState> {
    if (!definitions().some((definition) => definition.id === id)) throw new TendrilError('NOT_FOUND', { consumer: id });
    return new ConsumerState((await tenants.open(tenantId)).state, id);
  }

  async function setPaused(id: string, isPaused: boolean): Promise<void> {
    await (await stateOf(id)).updateControl((control) => ({ ...control, isPaused }));
    await ask(id);
  }

  return {
    list: async () => {
      const tenant = await tenants.open(tenantId);
      const head = await tenant.log.head();
      return Promise.all(definitions().map(({ id }) => describe(tenant, id, head, clock.now())));
    },
    pause: (id) => setPaused(id, true),
    resume: (id) => setPaused(id, false),
    rebuild: async (id) => {
      const definition = definitions().find((each) => each.id === id);
      if (definition !== undefined && definition.derives === undefined)
        throw new TendrilError('INPUT_INVALID', { consumer: id, reason: 'it makes no tables of the log alone' });
      const consumer = await stateOf(id);
      if ((await definition?.isEnabled(tenantId)) !== true)
        throw new TendrilError('CONFLICT', { consumer: id, reason: 'its plugin is not enabled' });
      const { rebuildsAsked } = await consumer.updateControl((control) => ({ ...control, rebuildsAsked: control.rebuildsAsked + 1 }));
      // Its job may be put off for long; what is asked is done by whoever takes it.
      await ask(id);
      return { rebuild: rebuildsAsked };
    },
    setAside: async (id) =>
      (await (await stateOf(id)).setAside()).map(({ position, code, message, at }) => ({ position, code, message, at })),
    retrySetAside: async (id) => {
      const state = await stateOf(id);
      const { retriesAsked } = await state.updateControl((control) => ({ ...control, retriesAsked: control.retriesAsked + 1 }));
      await ask(id);
      for (let waitedMs = 0; waitedMs < LONGEST_WAIT_MS; waitedMs += WAIT_MS) {
        const { retriesAnswered, done, left } = await state.control();
        if (retriesAnswered >= retriesAsked) return { done, left };
        await wait(WAIT_MS);
      }
      throw new TendrilError('LEASE_LOST', { consumer: id, reason: 'no process took up the retry; it will be done when one does' });
    },
  };
}

async function describe(
  tenant: OpenTenant,
  id: string,
  head: number,
  now: number,
): Promise<Awaited<ReturnType<ConsumerService['list']>>[number]> {
  const state = new ConsumerState(tenant.state, id);
  const [{ position, quietUpTo }, control, setAside] = await Promise.all([state.cursor(), state.control(), state.countSetAside()]);
  const lag = Math.max(0, head - position);
  const isRebuilding = control.rebuildsAsked > control.rebuildsBegun || position < quietUpTo;
  const [next] = lag === 0 ? [] : await tenant.log.read(position, 1);
  const lagMs = next === undefined ? 0 : Math.max(0, now - decodeEvent(next).receivedAt);
  return { id, position, lag, lagMs, setAside, isPaused: control.isPaused, ...(isRebuilding && { isRebuilding }) };
}
