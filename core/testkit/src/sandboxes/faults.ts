import type { Ledger } from './ledger.ts';

/**
 * What a sandbox can be told to do wrong.
 *
 * `drop_before` cuts the connection before anything happened, `drop_after` after the effect is on disk; `slow` does the
 * work at once and answers late; `expire_tokens` and `revoke_refresh` act at once and on what was issued so far.
 */
export const FAULT_KINDS = [
  'throttle',
  'throttle_daily',
  'unauthorized',
  'forbidden',
  'server_error',
  'unavailable',
  'not_json',
  'slow',
  'drop_before',
  'drop_after',
  'lock_row',
  'duplicate_race',
  'multiple_matches',
  'expire_tokens',
  'revoke_refresh',
  'token_error',
  'reject_temporary',
  'reject_permanent',
] as const;

/** A kind of fault. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A fault that is to be played for the next `count` requests. */
export interface Fault {
  readonly kind: FaultKind;
  readonly count: number;
  /** What `throttle` tells the client, in seconds. */
  readonly retryAfterSeconds?: number;
  /** How long `slow` waits with its answer, in milliseconds. */
  readonly delayMs?: number;
}

const PREFIX = 'fault.';

/** The faults of one sandbox, in the order in which they were asked for; they survive a restart. */
export interface Faults {
  add(fault: Fault): void;
  /** Takes one use of the first fault of one of these kinds. */
  take(kinds: readonly FaultKind[]): Fault | undefined;
  pending(): readonly Fault[];
  clear(): void;
}

/** Reads a fault from the body of a request; `undefined` when it is none. */
export function parseFault(body: unknown): Fault | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { kind, count = 1, retryAfterSeconds, delayMs } = body as Record<string, unknown>;
  if (!FAULT_KINDS.includes(kind as FaultKind) || !Number.isInteger(count) || (count as number) < 1) return undefined;
  return {
    kind: kind as FaultKind,
    count: count as number,
    ...(typeof retryAfterSeconds === 'number' ? { retryAfterSeconds } : {}),
    ...(typeof delayMs === 'number' ? { delayMs } : {}),
  };
}

/** Keeps the faults of one sandbox in its ledger. */
export function createFaults(ledger: Ledger): Faults {
  const all = (): { name: string; fault: Fault }[] =>
    ledger.settings(PREFIX).map(({ name, value }) => ({ name, fault: JSON.parse(value) as Fault }));
  return {
    add: (fault) => ledger.setSetting(`${PREFIX}${String(ledger.nextNumber('faults')).padStart(10, '0')}`, JSON.stringify(fault)),
    take(kinds) {
      const found = all().find(({ fault }) => kinds.includes(fault.kind));
      if (found === undefined) return undefined;
      if (found.fault.count > 1) ledger.setSetting(found.name, JSON.stringify({ ...found.fault, count: found.fault.count - 1 }));
      else ledger.deleteSettings(found.name);
      return found.fault;
    },
    pending: () => all().map(({ fault }) => fault),
    clear: () => ledger.deleteSettings(PREFIX),
  };
}
