import type { Call } from '@tendril/plugin-api';

/** What the agent says of an order. */
export interface BigOrder {
  readonly userId: string;
  readonly total: number;
  readonly mean: number;
}

/** A fact of the log, which pipelines may start from. */
export async function mark({ userId, total, mean }: BigOrder, call: Call): Promise<{ isMarked: boolean }> {
  call.changes.emit({ name: 'Big Order Spotted', identities: { userId }, properties: { total, mean }, discriminator: userId });
  return { isMarked: true };
}
