import type { Aggregate, ErrorCode, Json, JsonObject, Page } from '@tendril/plugin-api';
import type { EnvironmentName } from '../environments.ts';

/** A fault of a pipeline file. */
export interface PipelineFault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly file?: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly pointer: string;
  /** The nearest valid name. */
  readonly suggestion?: string;
}

/** A deployed pipeline. */
export interface PipelineInfo {
  readonly id: string;
  readonly title: string;
  readonly environment: EnvironmentName;
  readonly version: number;
  readonly isPaused: boolean;
  /** While it is paused, runs in flight stop before their next step, too. */
  readonly holdsRuns?: boolean;
  readonly source: string;
  readonly settings: JsonObject;
  readonly settingsSchema: JsonObject;
  readonly trigger: JsonObject;
  /** JSON Schema of what starts it by hand; missing when it takes nothing. */
  readonly inputSchema?: JsonObject;
  readonly deployedAt: number;
  /** Of a webhook: its path below the public address. Whoever knows it may call it. */
  readonly webhookPath?: string;
  /** Of a schedule or polled source: when it is due next, in epoch milliseconds. */
  readonly nextAt?: number;
  /** Of a polled source: why the last poll failed, with `code`, `message` and `at`. */
  readonly triggerError?: JsonObject;
}

/** A version of a pipeline as it is kept. */
export interface PipelineVersion {
  readonly version: number;
  readonly createdAt: number;
  readonly source: string;
  /** Where it is in force. */
  readonly environments: readonly EnvironmentName[];
}

/** What starts a run by hand. */
export interface StartOptions {
  readonly input?: JsonObject;
  /** Whom it is about: a profile's id. */
  readonly personId?: string;
  readonly environment?: EnvironmentName;
  readonly isTest?: boolean;
  /** A second start under the same key gives the first one's run. */
  readonly idempotencyKey?: string;
  readonly requestId?: string;
  /** The key of the API that asks. */
  readonly keyId?: string;
}

/** Pipelines of one tenant. */
export interface PipelineService {
  /** @returns all faults, empty when it may be deployed */
  validate(source: string, file?: string): Promise<readonly PipelineFault[]>;
  /**
   * Makes a new version and puts it in force at once; runs in flight keep theirs. `production` unless told.
   *
   * @param options.whenNew how it begins where none of its name is in force yet
   * @throws TendrilError PIPELINE_INVALID with `details.faults`
   */
  deploy(
    source: string,
    options?: {
      readonly file?: string;
      readonly environment?: EnvironmentName;
      readonly whenNew?: { readonly isPaused?: boolean; readonly settings?: JsonObject };
    },
  ): Promise<PipelineInfo>;
  list(environment?: EnvironmentName): Promise<readonly PipelineInfo[]>;
  get(id: string, environment?: EnvironmentName): Promise<PipelineInfo | undefined>;
  /** Newest first. @throws TendrilError PIPELINE_UNKNOWN */
  versions(id: string): Promise<readonly PipelineVersion[]>;
  /** Puts an earlier version in force again, the one before unless told; checked again as it stands today. */
  rollback(id: string, options?: { readonly version?: number; readonly environment?: EnvironmentName }): Promise<PipelineInfo>;
  /** Puts the version of one environment in force in another. Settings of the target are kept where they still fit. */
  promote(id: string, from: EnvironmentName, to: EnvironmentName): Promise<PipelineInfo>;
  /** Takes it out of force: nothing is started any more, runs in flight go on, versions are kept. */
  undeploy(id: string, environment?: EnvironmentName): Promise<void>;
  /** In force for runs that start from now on. @throws TendrilError INPUT_INVALID */
  configure(id: string, settings: JsonObject, environment?: EnvironmentName): Promise<PipelineInfo>;
  /** Starts nothing from now on. With `holdRuns` those in flight stop before their next step, until `resume`. */
  pause(id: string, options?: { readonly environment?: EnvironmentName; readonly holdRuns?: boolean }): Promise<void>;
  resume(id: string, environment?: EnvironmentName): Promise<void>;
  /**
   * Starts one run by hand. Also pipelines with another trigger, whose `event` is then made of the input's fields.
   *
   * @throws TendrilError PIPELINE_UNKNOWN, PIPELINE_PAUSED, INPUT_INVALID, RUN_NOT_STARTED when a limit refuses it
   */
  start(id: string, options?: StartOptions): Promise<{ readonly runId: string; readonly isNew: boolean }>;
}

/** State of a run. `needs_review`, `needs_approval` and `blocked` wait for a person. */
export type RunState =
  'running' | 'sleeping' | 'succeeded' | 'failed' | 'stopped' | 'cancelled' | 'needs_review' | 'needs_approval' | 'blocked';

/** A run without its steps. */
export interface RunInfo {
  readonly id: string;
  readonly pipeline: string;
  readonly version: number;
  readonly environment?: EnvironmentName;
  readonly state: RunState;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly personId?: string;
  readonly eventId?: string;
  readonly isTest: boolean;
  readonly error?: JsonObject;
  /** Why it was stopped or cancelled. */
  readonly reason?: string;
  /** The run that called this one. */
  readonly parentId?: string;
  readonly broadcastId?: string;
  readonly replayOf?: string;
}

/** One journalled step. Values that a schema marks as secret or personal are masked. */
export interface StepInfo {
  /** Where it stands in the definition: `0`, `1.then.0`; `3.17.0` in the element 17 of the loop at 3. */
  readonly path: string;
  readonly id?: string;
  readonly kind: string;
  readonly action?: string;
  readonly connection?: string;
  readonly state: 'running' | 'succeeded' | 'failed' | 'skipped' | 'needs_review' | 'needs_approval' | 'blocked' | 'sleeping';
  readonly attempts: number;
  readonly startedAt: number;
  readonly endedAt?: number;
  /** When a sleeping step goes on by itself. */
  readonly until?: number;
  readonly input?: Json;
  readonly output?: Json;
  readonly error?: JsonObject;
}

/** A run with its steps. */
export interface Run extends RunInfo {
  readonly steps: readonly StepInfo[];
  readonly settings: JsonObject;
  readonly input?: JsonObject;
  readonly output?: JsonObject;
  /** Of a run that failed or was cancelled: whether its completed steps could all be undone; missing when there were none. */
  readonly compensation?: 'done' | 'failed';
  /** Of a failed run: whether the pipeline's `onError` could be done. */
  readonly onError?: 'done' | 'failed';
  readonly requestId?: string;
}

/** Which runs are meant. */
export interface RunFilter {
  readonly pipeline?: string;
  readonly version?: number;
  readonly state?: RunState;
  readonly person?: string;
  readonly environment?: EnvironmentName;
  /** Started at or after this, in epoch milliseconds. */
  readonly from?: number;
  /** Started before this, in epoch milliseconds. */
  readonly to?: number;
  readonly broadcastId?: string;
  readonly parentId?: string;
}

/** How a run is done again. */
export interface ReplayOptions {
  /** The id or path of the first step that is done again; results of those before it are taken over, and are not undone when the new run fails. From the beginning without it. */
  readonly fromStep?: string;
  /** The version that the run had, or the one in force; `same` unless told. */
  readonly version?: 'same' | 'current';
}

/** What doing many runs again came to, or would. */
export interface ReplaySummary {
  readonly matched: number;
  readonly started: number;
  /** Why the others were not, by error code. */
  readonly refused: Readonly<Record<string, number>>;
  readonly runIds: readonly string[];
}

/** A step that waits for a person's approval. */
export interface Approval {
  /** `runId/path`. */
  readonly id: string;
  readonly runId: string;
  readonly path: string;
  readonly pipeline: string;
  readonly by?: string;
  readonly title?: string;
  readonly message?: string;
  readonly personId?: string;
  readonly askedAt: number;
  /** When it is too late. */
  readonly until?: number;
  readonly isTest: boolean;
}

/** Runs of one tenant. */
export interface RunService {
  /** Newest first. */
  list(filter: RunFilter & { readonly limit?: number; readonly cursor?: string }): Promise<Page<RunInfo>>;
  /** @param options.unmasked shows personal values too, never secrets */
  get(runId: string, options?: { readonly unmasked?: boolean }): Promise<Run | undefined>;
  /** How many runs are in each state. */
  count(): Promise<readonly Aggregate[]>;
  /** A person's decision on a step in `needs_review`. @throws TendrilError RUN_NOT_IN_REVIEW */
  resolve(runId: string, decision: 'happened' | 'retry' | 'fail', output?: Json): Promise<void>;
  /**
   * Ends a run that has not ended: `now` lets go of the step that is under way (its call may still take effect at the
   * service, which the journal says), `after_step` waits for it. Compensations of completed steps are done.
   *
   * @throws TendrilError RUN_UNKNOWN, RUN_ENDED
   */
  cancel(runId: string, options?: { readonly mode?: 'now' | 'after_step'; readonly reason?: string }): Promise<void>;
  /** Starts a run that does this one again, with its own effects. @throws TendrilError RUN_UNKNOWN, INPUT_INVALID */
  replay(runId: string, options?: ReplayOptions): Promise<{ readonly runId: string }>;
  /** Does every run of the filter again. @param options.isDry only counts */
  replayMany(filter: RunFilter, options: ReplayOptions & { readonly isDry: boolean; readonly limit?: number }): Promise<ReplaySummary>;
  /** Steps that wait for approval, oldest first. */
  approvals(filter?: { readonly limit?: number; readonly cursor?: string }): Promise<Page<Approval>>;
  /** @throws TendrilError NOT_FOUND when there is none (any more), CONFLICT when it has been decided otherwise */
  decide(approvalId: string, decision: { readonly isApproved: boolean; readonly by: string; readonly comment?: string }): Promise<void>;
  /** Calls back when a run starts, ends or changes state. */
  subscribe(listener: (run: RunInfo) => void): () => void;
}

/** How far a broadcast has come. */
export interface BroadcastInfo {
  readonly id: string;
  readonly pipeline: string;
  readonly version: number;
  readonly state: 'running' | 'paused' | 'done' | 'cancelled' | 'failed';
  readonly segment?: string;
  readonly perMinute?: number;
  readonly createdAt: number;
  readonly endedAt?: number;
  /** How many people it is for, as far as is known. */
  readonly total?: number;
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Not started because the condition was false, or a limit refused it. */
  readonly skipped: number;
  readonly error?: JsonObject;
}

/** Sending a pipeline to many people. */
export interface BroadcastService {
  /**
   * Starts a broadcast: one run for each person, paced, each person once.
   *
   * @param options.people profile ids; the people of `segment`, or of the pipeline's trigger, without it
   * @throws TendrilError PIPELINE_UNKNOWN, INPUT_INVALID when its trigger is no broadcast
   */
  send(
    pipeline: string,
    options: {
      readonly people?: readonly string[];
      readonly segment?: string;
      readonly perMinute?: number;
      readonly input?: JsonObject;
      readonly environment?: EnvironmentName;
      readonly isTest?: boolean;
      readonly idempotencyKey?: string;
    },
  ): Promise<BroadcastInfo>;
  list(filter?: { readonly pipeline?: string; readonly limit?: number; readonly cursor?: string }): Promise<Page<BroadcastInfo>>;
  get(id: string): Promise<BroadcastInfo | undefined>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** Starts no more; runs that have been started go on unless `withRuns`. */
  cancel(id: string, options?: { readonly withRuns?: boolean }): Promise<void>;
}

/** A request that came to the address of a pipeline. */
export interface WebhookRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: JsonObject;
  /** As it came, for signatures. */
  readonly rawBody: Uint8Array;
  readonly receivedAt: number;
  readonly requestId: string;
}

/** What a webhook is answered. */
export type WebhookAnswer =
  | { readonly kind: 'accepted'; readonly runId?: string }
  | { readonly kind: 'result'; readonly runId: string; readonly output: JsonObject }
  /** The condition of the trigger was false, or a limit refused it: nothing was started, and the sender need not repeat. */
  | { readonly kind: 'ignored'; readonly reason: string };

/** Taking in what comes to the addresses of pipelines, of all tenants. */
export interface WebhookReceiver {
  /**
   * Verifies, checks and stores the request, and waits for the run's end where the trigger says so. A repeated delivery is
   * answered as the first.
   *
   * @throws TendrilError NOT_FOUND for an unknown address; WEBHOOK_UNVERIFIED; INPUT_INVALID; PIPELINE_PAUSED; OVERLOADED; RUN_FAILED
   */
  receive(request: WebhookRequest): Promise<WebhookAnswer>;
}

/** Addresses and secrets of one tenant's webhooks; the address itself is `PipelineInfo.webhookPath`. */
export interface WebhookService {
  /**
   * Replaces what the senders of a webhook sign with, or send as their password or token. It is never shown again.
   *
   * @throws TendrilError PIPELINE_UNKNOWN when the pipeline has no address, INPUT_INVALID
   */
  setSecret(pipeline: string, secret: string, environment?: EnvironmentName): Promise<void>;
  /** Gives it another address; the old one is gone at once. @throws TendrilError PIPELINE_UNKNOWN when it has none */
  rotate(pipeline: string, environment?: EnvironmentName): Promise<{ readonly webhookPath: string }>;
}
