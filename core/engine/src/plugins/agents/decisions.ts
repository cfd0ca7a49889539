import { TendrilError } from '@tendril/plugin-api';
import type { AgentDecision, JsonObject } from '@tendril/plugin-api';
import { hubEvent } from '../../events/index.ts';
import type { Change } from '../../ports.ts';

/** Name of the event that keeps a decision. */
export const DECISION_EVENT = 'tendril.decision.recorded';

const MOST_DECISIONS = 50;
const LONGEST_CHOICE = 2_000;
const LARGEST_BYTES = 16 * 1024;
const MEMBERS = ['choice', 'evidence', 'alternatives', 'expected', 'action'] as const;

/** What a tick's decisions are recorded with. */
export interface DecisionOrigin {
  readonly plugin: string;
  /** `plugin.agent`. */
  readonly agent: string;
  /** The tick's idempotency key: a tick that is done again records the same decisions once. */
  readonly key: string;
  readonly now: number;
  readonly hops: number | undefined;
}

/** The decisions of a tick as changes. @throws TendrilError PLUGIN_FAULTY when they are none */
export function recordDecisions(decisions: unknown, { plugin, agent, key, now, hops }: DecisionOrigin): readonly Change[] {
  const refuse = (reason: string, index?: number): never => {
    throw new TendrilError('PLUGIN_FAULTY', { plugin, agent, reason, ...(index !== undefined && { index }) });
  };
  if (!Array.isArray(decisions)) return refuse('its tick gave no list of decisions');
  if (decisions.length > MOST_DECISIONS) return refuse('its tick gave too many decisions');
  return decisions.map((decision: unknown, index) => {
    const { choice, ...rest } = plain(decision) ?? refuse('a decision is no plain object', index);
    if (typeof choice !== 'string' || choice === '' || choice.length > LONGEST_CHOICE) return refuse('a decision has no choice', index);
    if (rest['evidence'] === undefined) return refuse('a decision has no evidence', index);
    const known = Object.fromEntries(MEMBERS.filter((name) => rest[name] !== undefined).map((name) => [name, rest[name]]));
    if (Buffer.byteLength(JSON.stringify(known)) > LARGEST_BYTES) return refuse('a decision is too large', index);
    return {
      op: 'emit',
      event: hubEvent({
        name: DECISION_EVENT,
        cause: key,
        discriminator: String(index),
        occurredAt: now,
        isTest: false,
        properties: { agent, choice, ...known },
        ...(hops !== undefined && { causeHops: hops }),
      }),
    };
  });
}

/** Without getters, prototypes and circles. */
function plain(decision: unknown): (JsonObject & Partial<Omit<AgentDecision, 'choice'>>) | undefined {
  try {
    const [copy] = JSON.parse(JSON.stringify([decision])) as [unknown];
    return typeof copy === 'object' && copy !== null && !Array.isArray(copy) ? (copy as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
