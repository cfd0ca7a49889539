import { TendrilError } from '@tendril/plugin-api';
import type { AgentObservation, JsonObject } from '@tendril/plugin-api';
import type { Agent } from '@tendril/schemas';
import type { TenantState } from '../../ports.ts';
import type { LoadedAction } from '../contract.ts';
import type { CallBounds, BoundedCall } from '../handler-run.ts';
import { valueAt } from '../pointer.ts';
import { AGENTS, fromAgent } from './agents-table.ts';
import type { AgentRecord } from './agents-table.ts';

/** What an agent's bounds need to know of a tick. */
export interface TickBounds {
  /** `plugin.agent`. */
  readonly name: string;
  readonly agent: Agent;
  readonly state: TenantState;
  readonly job: { readonly jobId: string; readonly fence: number };
  /** As of today, with its version in the store. */
  readonly record: AgentRecord;
  readonly version: number;
  /** What a name or capability may come to; the strictest of them counts. */
  readonly actionsOf: (name: string) => readonly LoadedAction[];
}

/** What a call takes of the day. */
interface Use {
  readonly sends: number;
  readonly spendCents: number;
  readonly calls: number;
}

/**
 * Holds the calls of one tick to what the manifest declares. What a call takes is written before it is made, under the
 * lease of the tick: a crash may leave a call counted that was not made, never one made that is not counted.
 */
export class AgentBounds implements CallBounds {
  readonly #tick: TickBounds;
  #record: AgentRecord;
  #version: number;
  #last: Promise<void> = Promise.resolve();

  constructor(tick: TickBounds) {
    this.#tick = tick;
    this.#record = tick.record;
    this.#version = tick.version;
  }

  get record(): AgentRecord {
    return this.#record;
  }

  get version(): number {
    return this.#version;
  }

  remaining(): AgentObservation['remaining'] {
    return remainingOf(this.#tick.agent, this.#record);
  }

  /** @throws TendrilError AGENT_BOUND_EXCEEDED, AGENT_NEEDS_APPROVAL, LEASE_LOST */
  admit(call: BoundedCall): Promise<void> {
    // Calls that a handler makes at the same time are counted one after another.
    const admitted = this.#last.then(() => this.#admit(call));
    this.#last = admitted.catch(() => undefined);
    return admitted;
  }

  async #admit({ name, input, key, depth }: BoundedCall): Promise<void> {
    const { agent } = this.#tick;
    // What an action that it may call does in turn is that plugin's own business; messages and money count all the same.
    if (depth === 0 && !agent.actions.includes(name)) throw this.#exceeded(name, 'actions');
    if (agent.approval?.includes(name) === true) throw new TendrilError('AGENT_NEEDS_APPROVAL', { agent: this.#tick.name, action: name });
    const use = useOf(this.#tick.actionsOf(name), input, depth);
    if (use === undefined || this.#record.counted.includes(key)) return;
    const limits = limitsOf(agent);
    for (const bound of ['sends', 'spendCents', 'calls'] as const)
      if (use[bound] > 0 && this.#record[bound] + use[bound] > limits[bound]) throw this.#exceeded(name, `perDay.${bound}`, limits[bound]);
    await this.#write({
      ...this.#record,
      sends: this.#record.sends + use.sends,
      spendCents: this.#record.spendCents + use.spendCents,
      calls: this.#record.calls + use.calls,
      counted: [...this.#record.counted, key],
    });
  }

  async #write(record: AgentRecord): Promise<void> {
    const { state, job, name } = this.#tick;
    const result = await state.commit([
      { op: 'held', ...job },
      { op: 'put', table: AGENTS, value: fromAgent(record), expect: this.#version },
    ]);
    if (!result.ok) throw new TendrilError(result.reason === 'fence' ? 'LEASE_LOST' : 'CONFLICT', { agent: name });
    this.#record = record;
    this.#version += 1;
  }

  #exceeded(action: string, bound: string, limit?: number): TendrilError {
    return new TendrilError('AGENT_BOUND_EXCEEDED', { agent: this.#tick.name, action, bound, ...(limit !== undefined && { limit }) });
  }
}

/** What a day's record leaves of an agent's bounds. */
export function remainingOf(agent: Agent, record: AgentRecord): AgentObservation['remaining'] {
  const { sends, spendCents, calls } = limitsOf(agent);
  return {
    sends: Math.max(0, sends - record.sends),
    spendCents: Math.max(0, spendCents - record.spendCents),
    ...(calls !== Infinity && { calls: Math.max(0, calls - record.calls) }),
  };
}

/** No messages and no money unless the manifest says how much. */
function limitsOf({ perDay }: Agent): Use {
  return { sends: perDay?.sends ?? 0, spendCents: perDay?.spendCents ?? 0, calls: perDay?.calls ?? Infinity };
}

/** `undefined` when it only reads, whichever plugin does it. */
function useOf(actions: readonly LoadedAction[], input: JsonObject, depth: number): Use | undefined {
  const effects = new Set(actions.map(({ action }) => action.effect));
  if (actions.length > 0 && effects.size === 1 && effects.has('read')) return undefined;
  const amounts = actions.map(({ action }) => (action.spend === undefined ? 0 : Number(valueAt(input, action.spend.amount) ?? 0)));
  return {
    sends: effects.has('send') ? 1 : 0,
    // What is no number the call path refuses by the schema; here it must not slip through the sum.
    spendCents: Math.max(0, ...amounts.map((amount) => (Number.isFinite(amount) ? Math.max(0, amount) : Number.MAX_SAFE_INTEGER))),
    calls: depth === 0 ? 1 : 0,
  };
}
