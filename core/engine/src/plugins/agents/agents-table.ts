import type { JsonObject } from '@tendril/plugin-api';
import type { TableSpec, TenantState } from '../../ports.ts';

/** What is kept of a tenant's agents between ticks. */
export const AGENTS: TableSpec = { name: '_plugins.agents', key: 'id', indexes: {}, personal: [] };

/** How far an agent has seen, and what it has used up of its day. */
export interface AgentRecord {
  /** `plugin.agent`. */
  readonly id: string;
  /** Position of the last event that it has seen. */
  readonly cursor: number;
  /** Epoch milliseconds; missing before the first tick. */
  readonly lastTickAt?: number;
  /** In the tenant's time zone, `2026-01-31`; what is used up counts for it. */
  readonly day: string;
  readonly sends: number;
  readonly spendCents: number;
  readonly calls: number;
  /** Keys of the calls of the tick in hand that are counted already: a tick that is done again counts nothing twice. */
  readonly counted: readonly string[];
}

/** With the version for a conditional write, 0 where there is none yet. */
export async function readAgent(
  state: TenantState,
  id: string,
): Promise<{ readonly record: AgentRecord | undefined; readonly version: number }> {
  const [row] = await state.get(AGENTS, [id]);
  return { record: row?.value as AgentRecord | undefined, version: row?.version ?? 0 };
}

/** To the row that `readAgent` reads. */
export function fromAgent(record: AgentRecord): JsonObject {
  return record as unknown as JsonObject;
}
