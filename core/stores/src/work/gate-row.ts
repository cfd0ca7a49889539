import type { JobGate, NewJob } from '@tendril/engine/ports';
import { TendrilError } from '@tendril/plugin-api';
import type { Keyring } from './keyring.ts';
import { numberOf, optionalNumberOf } from './step.ts';
import type { SqlRow } from './step.ts';

/** So many that each has a bit of a 32-bit number. */
const MOST_GATES = 16;

/** A gate as a job carries it: its key is hashed. */
export type StoredGate =
  | { readonly kind: 'concurrency'; readonly hash: string; readonly limit: number }
  | { readonly kind: 'serial'; readonly hash: string }
  | { readonly kind: 'throttle'; readonly hash: string; readonly limit: number; readonly periodMs: number; readonly burst: number };

/** How it stands at a gate. */
export interface GateRow {
  readonly held: number;
  /** Jobs that were called to take a place, and have not been claimed yet. */
  readonly letIn: number;
  readonly waiting: number;
  /** How many may be inside, as told by the job that came last. */
  readonly most: number;
  /** Of a throttle: when it is at rest again, in epoch milliseconds. */
  readonly freeAt: number | null;
}

/** A gate at which nobody is. */
export const EMPTY_GATE: GateRow = { held: 0, letIn: 0, waiting: 0, most: 0, freeAt: null };

/** From the columns of `findGate`. */
export function fromGateRow(row: SqlRow | undefined): GateRow {
  if (row === undefined) return EMPTY_GATE;
  return {
    held: numberOf(row, 'held'),
    letIn: numberOf(row, 'let_in'),
    waiting: numberOf(row, 'waiting'),
    most: numberOf(row, 'most'),
    freeAt: optionalNumberOf(row, 'free_at') ?? null,
  };
}

/** The keyed hash under which a gate is kept. */
export function hashGate(keyring: Keyring, { kind, key }: Pick<JobGate, 'kind' | 'key'>): Uint8Array {
  return keyring.hash(`gate:${kind}:${key}`);
}

/**
 * The gates of a new job as they are stored.
 *
 * @throws TendrilError INPUT_INVALID when one is out of bounds, stands there twice, or the job is born claimed
 */
export function storeGates(keyring: Keyring, job: NewJob): readonly StoredGate[] {
  const gates = job.gates ?? [];
  const names = new Set(gates.map(({ kind, key }) => `${kind}:${key}`));
  const isValid = gates.length <= MOST_GATES && names.size === gates.length && gates.every(isGate);
  if (!isValid || (gates.length > 0 && job.claimedBy !== undefined)) throw new TendrilError('INPUT_INVALID', { field: 'gates' });
  return gates.map(({ key, ...gate }) => ({ ...gate, hash: Buffer.from(hashGate(keyring, { kind: gate.kind, key })).toString('base64') }));
}

function isGate(gate: JobGate): boolean {
  if (gate.key === '') return false;
  switch (gate.kind) {
    case 'serial':
      return true;
    case 'concurrency':
      return isCount(gate.limit);
    case 'throttle':
      return isCount(gate.limit) && isCount(gate.burst) && Number.isFinite(gate.periodMs) && gate.periodMs > 0;
    default:
      return false;
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}
