import { TendrilError } from '@tendril/plugin-api';
import type { Connection, JsonObject } from '@tendril/plugin-api';
import type { Check, Outcome } from '../contract.ts';
import type { World } from '../world.ts';

// A handler that cannot even look for its secret takes nothing either.
const REFUSALS: ReadonlySet<string> = new Set(['WEBHOOK_UNVERIFIED', 'CONNECTION_MISSING', 'CONNECTION_INVALID']);
const RUN = { isTest: false, idempotencyKey: 'delivery', attempt: 1, requestId: 'delivery' } as const;

/** Where the plugin itself proves who sends, a delivery without proof is refused. */
export function senderChecks(world: World): readonly Check[] {
  const { webhooks = {}, triggers = {} } = world.plugin.manifest.contributes;
  return Object.entries(webhooks)
    .filter(([, { verify }]) => verify === 'handler')
    .map(([id]) => {
      const trigger = Object.entries(triggers).find(([, { webhook }]) => webhook === id)?.[0];
      return {
        id: `senders/${id}`,
        title: `${id} refuses a delivery whose sender proves nothing`,
        run: () => deliverUnsigned(world, id, trigger),
      };
    });
}

async function deliverUnsigned(world: World, id: string, trigger: string | undefined): Promise<Outcome> {
  const bench = await world.bench();
  const { tenant } = await bench.tenant();
  const { host } = bench.rooms;
  const delivery = { body: {}, rawBody: '{}', headers: { 'content-type': 'application/json' }, query: {} };
  const connection = connectionOf(world);
  const found = trigger === undefined ? undefined : host.triggers.find(`${world.plugin.id}.${trigger}`);
  const webhook = host.webhooks.find(world.plugin.id, id);
  try {
    if (found !== undefined) await host.triggers.push(tenant.id, found, delivery, { ...RUN, input: {}, connection });
    else if (webhook !== undefined) await host.webhooks.run(tenant.id, webhook, delivery, { ...RUN, connection });
    else return { findings: [{ message: `the host has no webhook ${id}` }] };
  } catch (error) {
    if (!TendrilError.is(error)) throw error;
    if (REFUSALS.has(error.code)) return { findings: [] };
    return finding(id, `fails with ${error.code} on a delivery without a signature`);
  }
  return finding(id, 'takes a delivery without a signature');
}

function finding(id: string, message: string): Outcome {
  const place = { file: 'plugin.json', pointer: `/contributes/webhooks/${id}` };
  return { findings: [{ ...place, message, mend: 'verify first, in constant time, and throw WEBHOOK_UNVERIFIED' }] };
}

/** The one of a recording, so that the handler finds its secret. */
function connectionOf({ pack }: World): Connection | undefined {
  const recorded = [...pack.recordings.values()].flat().find(({ recording }) => recording.connection !== undefined);
  const connection = recorded?.recording.connection;
  return connection && { name: 'recorded', isSandbox: true, kind: connection.kind, values: connection.values as JsonObject };
}
