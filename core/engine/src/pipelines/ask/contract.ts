import type { Json, JsonObject } from '@tendril/plugin-api';
import type { EnvironmentName } from '../../environments.ts';
import type { PipelineFault, RunState } from '../contract.ts';

/** A call that a run without effects would have made. */
export interface WouldCall {
  readonly path: string;
  readonly action: string;
  readonly connection?: string;
  readonly effect: 'read' | 'write' | 'send' | 'spend';
  readonly input: Json;
  /** Virtual time, in epoch milliseconds. */
  readonly at: number;
  /** What was taken for its answer: what a `read` really gave, an answer of the case, an example of the manifest, or one made from the schema. */
  readonly output?: Json;
  readonly answeredBy: 'action' | 'case' | 'example' | 'schema';
  /** Of a `send` or `spend`: the governor would have held it back, and why. */
  readonly heldBack?: string;
  /** Of a `spend`: the amount and currency that the input names. */
  readonly cost?: { readonly amount: number; readonly currency: string };
}

/** One step of a simulation. */
export interface SimulatedStep {
  readonly path: string;
  readonly id?: string;
  readonly kind: string;
  readonly state: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly output?: Json;
  readonly error?: JsonObject;
}

/** A run that was played through in memory, with virtual time. */
export interface Simulation {
  readonly state: RunState;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly steps: readonly SimulatedStep[];
  readonly calls: readonly WouldCall[];
  readonly emitted: readonly { readonly event: string; readonly properties: JsonObject; readonly at: number }[];
  readonly output?: JsonObject;
  readonly error?: JsonObject;
  readonly reason?: string;
}

/** What a dry run plays with. */
export interface DryRunOptions {
  /** An event as the tracking API takes it, for triggers that follow the log. */
  readonly event?: JsonObject;
  readonly input?: JsonObject;
  /** A profile's id, or a profile as expressions read it. */
  readonly person?: string | JsonObject;
  readonly settings?: JsonObject;
  readonly environment?: EnvironmentName;
  /** Personal values are shown too; secrets never. */
  readonly unmasked?: boolean;
}

/** Somebody whom a pipeline would have reached. */
export interface RehearsedRun {
  readonly eventId: string;
  readonly position: number;
  readonly at: number;
  readonly personId?: string;
  readonly state: RunState;
  readonly calls: readonly WouldCall[];
}

/** What a pipeline would have done over a part of the log. */
export interface Rehearsal {
  readonly from: number;
  readonly to: number;
  /** Events looked at, of the trigger's name. */
  readonly events: number;
  readonly matched: number;
  /** Events that started nothing, by reason: `where`, `max_age`, `imported`, …; `limits` for what the pipeline's own limits refused or gathered. */
  readonly notStarted: Readonly<Record<string, number>>;
  readonly byState: Readonly<Partial<Record<RunState, number>>>;
  /** How often each action would have been called, and for how many people. */
  readonly actions: readonly {
    readonly action: string;
    readonly effect: string;
    readonly calls: number;
    readonly people: number;
    readonly heldBack: number;
    readonly cost?: Readonly<Record<string, number>>;
  }[];
  /** The first of them, in the order of the log. */
  readonly runs: readonly RehearsedRun[];
  /** What could not be known, in sentences: such as that profiles are as they are today. */
  readonly caveats: readonly string[];
}

/** One part of a condition with what it came to. */
export interface ConditionPart {
  readonly expression: string;
  readonly value: Json;
  /** Why it could not be evaluated. */
  readonly problem?: string;
  readonly isMet: boolean;
}

/** Why an event has or has not started a run of a pipeline. */
export interface StartReason {
  readonly pipeline: string;
  readonly version: number;
  readonly environment: EnvironmentName;
  readonly eventId: string;
  readonly position: number;
  readonly at: number;
  readonly isStarted: boolean;
  readonly runId?: string;
  readonly runState?: RunState;
  /** Stable: `started`, `where`, `max_age`, `imported`, `paused`, `hops`, `rate_limit`, `serial_overflow`, `debounced`, `batched`, `deployed_later`, `not_yet`. */
  readonly code: string;
  /** The same in a sentence. */
  readonly reason: string;
  readonly conditions: readonly ConditionPart[];
}

/** Why a pipeline did or did not do something for a person. */
export interface Explanation {
  readonly pipeline: string;
  readonly personId: string;
  /** In one sentence. */
  readonly summary: string;
  /** The person's last events of the trigger's name, newest first. */
  readonly starts: readonly StartReason[];
  /** Sends and spends of the pipeline's runs that the governor held back, newest first. */
  readonly heldBack: readonly {
    readonly runId: string;
    readonly path: string;
    readonly action: string;
    readonly reason: string;
    readonly at: number;
  }[];
}

/** How far starting runs for past events has come. */
export interface BackfillInfo {
  readonly id: string;
  readonly pipeline: string;
  readonly state: 'running' | 'done' | 'cancelled' | 'failed';
  readonly from: number;
  readonly to: number;
  readonly events: number;
  readonly started: number;
  /** Positions of the log: where it begins, stands and ends. */
  readonly position: { readonly first: number; readonly now: number; readonly last: number };
  readonly error?: JsonObject;
}

/**
 * Asking a pipeline before and after. Nothing here has an effect, but for `backfill`. What plays or counts many runs takes
 * much memory and time: OVERLOADED when a tenant asks for too much of it at once.
 */
export interface AskService {
  /** Plays one run through: reads are done, everything else is held back. @param pipeline the text of a file, or the id of a deployed one */
  dryRun(
    pipeline: { readonly source: string } | { readonly id: string },
    options: DryRunOptions,
  ): Promise<{ readonly faults: readonly PipelineFault[] } | { readonly simulation: Simulation }>;
  /**
   * Plays every run through that the stored log would have started.
   *
   * @param options.lastMs how far back, in milliseconds
   * @param options.onProgress how many of how many positions have been read
   */
  rehearse(
    pipeline: { readonly source: string } | { readonly id: string },
    options: {
      readonly lastMs: number;
      readonly settings?: JsonObject;
      readonly environment?: EnvironmentName;
      /** How many runs the answer holds, 100 unless told. */
      readonly limit?: number;
      /** Personal values are shown too; secrets never. */
      readonly unmasked?: boolean;
      readonly signal?: AbortSignal;
      readonly onProgress?: (done: number, all: number) => void;
    },
  ): Promise<{ readonly faults: readonly PipelineFault[] } | { readonly rehearsal: Rehearsal }>;
  /** @param person a profile's id, or an identity such as `userId:7` @throws TendrilError PIPELINE_UNKNOWN, NOT_FOUND */
  explain(
    person: string,
    pipeline: string,
    options?: { readonly environment?: EnvironmentName; readonly limit?: number },
  ): Promise<Explanation>;
  /** What became of one event at each pipeline of its name. @param event a message id or a position @throws TendrilError NOT_FOUND */
  why(event: string | number): Promise<readonly StartReason[]>;
  /** Starts runs for past events that fit, as a job with progress; an event that started one before starts none. */
  backfill(
    pipeline: string,
    options: {
      readonly from: number;
      readonly to?: number;
      readonly perMinute?: number;
      readonly environment?: EnvironmentName;
      readonly isDry?: boolean;
    },
  ): Promise<BackfillInfo>;
  backfills(): Promise<readonly BackfillInfo[]>;
  cancelBackfill(id: string): Promise<void>;
}
