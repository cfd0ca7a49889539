import type { AgentDecision, AgentObservation, Call, LoggedEvent } from '@tendril/plugin-api';
import type { BigOrder } from './mark.ts';

/** What an operator sets. */
export interface Settings {
  readonly timesUsual: number;
}

interface Mean {
  readonly id: 'orders';
  readonly count: number;
  readonly mean: number;
}

/** Orders before a mean means something. */
const FEWEST = 5;

/** Looks at the orders since the tick before, marks whoever placed a big one, and says why. */
export async function spotBigOrders(observation: AgentObservation, call: Call<Settings>): Promise<readonly AgentDecision[]> {
  const row = await call.table<Mean>('means').get('orders');
  let mean = row?.value ?? { id: 'orders', count: 0, mean: 0 };
  const decisions: AgentDecision[] = [];
  for (const event of observation.events) {
    const order = toOrder(event, mean.mean);
    if (order === undefined) continue;
    if (mean.count >= FEWEST && order.total > mean.mean * call.settings.timesUsual) decisions.push(await decide(order, mean.count, call));
    mean = { id: 'orders', count: mean.count + 1, mean: mean.mean + (order.total - mean.mean) / (mean.count + 1) };
  }
  call.changes.put('means', mean, row?.version ?? 'absent');
  return decisions;
}

async function decide(order: BigOrder, orders: number, call: Call<Settings>): Promise<AgentDecision> {
  await call.actions.call('big_orders.mark', order);
  return {
    choice: 'Mark the person as one who places big orders.',
    evidence: { total: order.total, mean: order.mean, orders },
    alternatives: ['Leave it.'],
    expected: { nextOrderAboveMean: true },
    action: 'big_orders.mark',
  };
}

function toOrder({ identities: { userId }, properties }: LoggedEvent, mean: number): BigOrder | undefined {
  const total = properties['total'];
  return userId === undefined || typeof total !== 'number' ? undefined : { userId, total, mean };
}
