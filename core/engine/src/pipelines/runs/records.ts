import { hash } from 'node:crypto';
import type { Json, JsonObject, LoggedEvent } from '@tendril/plugin-api';
import type { Caller } from '../../actions/contract.ts';
import type { EnvironmentName } from '../../environments.ts';
import type { RunState, StepInfo } from '../../hub.ts';
import type { JobGate } from '../../ports.ts';

/** A step's or run's failure, as it is kept: code, text and details of the catalogue, never a stack. */
export interface KeptError extends JsonObject {
  readonly code: string;
  readonly message: string;
  readonly details?: JsonObject;
}

/** A run as it is stored: everything that it needs is pinned here when it starts. */
export interface RunRecord {
  readonly id: string;
  /** The pipeline's id; the action's name for a single call. */
  readonly pipeline: string;
  /** 0 for a single call. */
  readonly version: number;
  readonly state: RunState;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly personId?: string;
  readonly eventId?: string;
  readonly isTest: boolean;
  readonly error?: KeptError;
  readonly reason?: string;
  readonly settings: JsonObject;
  readonly event?: PinnedEvent;
  /** As it was when the run started; only when the pipeline reads it. */
  readonly profile?: JsonObject;
  readonly requestId?: string;
  readonly hops?: number;
  /** Position of the event that started it, or of the log when something else did. */
  readonly position?: number;
  /** The events that a batch has gathered, `event` the last of them. */
  readonly events?: readonly PinnedEvent[];
  /** What a manual start, a webhook, a plugin's source or a calling pipeline handed over. */
  readonly input?: JsonObject;
  /** What the run gave, once it has ended well. */
  readonly output?: JsonObject;
  readonly environment?: EnvironmentName;
  /** The step of another run that waits for this one. */
  readonly parent?: { readonly runId: string; readonly path: string };
  readonly broadcastId?: string;
  /** The run that this one does again. */
  readonly replayOf?: string;
  readonly priority?: number;
  /** What its job has to pass before it is claimed. */
  readonly gates?: readonly JobGate[];
  /** Serial keys that it holds, or that a run holds that waits for it. */
  readonly serialKeys?: readonly string[];
  /** Counts the open runs of its serial key, where there may be so many only; its end takes itself off. */
  readonly openCounter?: string;
  /** It was taken up: no later run of its serial key takes its place any more. Only where one might. */
  readonly hasBegun?: boolean;
  /** The lock under which it was started. */
  readonly lock?: string;
  /** Asked for, not yet done. */
  readonly cancel?: { readonly mode: 'now' | 'after_step'; readonly reason?: string; readonly askedAt: number };
  readonly caller: Caller;
  /** Of a single call: what is called. */
  readonly call?: { readonly action: string; readonly connection?: string; readonly input: JsonObject };
  /** Of a blocked run: `connection:name`, or `plugin:id` where the step names none. */
  readonly blockedOn?: readonly string[];
  /** Stopped before its next step, because its pipeline holds its runs. */
  readonly isHeld?: boolean;
  /** How many runs called one another until this one; 0 when nobody's step did. */
  readonly depth?: number;
  /** Of a run that failed or was cancelled: whether its completed steps could all be undone. */
  readonly compensation?: 'done' | 'failed';
  /** Of a failed run whose pipeline has `onError`: whether that could be done. */
  readonly onError?: 'done' | 'failed';
}

/** What a run keeps of the event that started it; times in epoch milliseconds. */
export interface PinnedEvent {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly userId?: string;
  readonly anonymousId?: string;
  readonly groupId?: string;
  readonly properties: JsonObject;
  readonly traits: JsonObject;
  readonly context: JsonObject;
  readonly occurredAt: number;
  readonly receivedAt: number;
  readonly isTest: boolean;
  /** Missing on runs that were started before it was kept. */
  readonly appId?: string;
}

/** Members of a step's record that are kept beside the journal when they are large. */
export const LARGE_MEMBERS = ['input', 'output', 'items', 'collected'] as const;

/** Name of such a member. */
export type LargeMember = (typeof LARGE_MEMBERS)[number];

/** One journalled step. */
export interface StepRecord {
  readonly key: string;
  readonly path: string;
  readonly id?: string;
  /** Inside a loop: what stands in front of its path for this element. */
  readonly loop?: string;
  readonly kind: string;
  readonly action?: string;
  readonly connection?: string;
  readonly state: StepInfo['state'];
  /** The log's position when it began, for a wait behind it. */
  readonly position?: number;
  /** Grows in the order in which steps ended that can be compensated. */
  readonly sequence?: number;
  /** Of a run that goes on from a step of another one: that one did it, and undoes it or does not. */
  readonly isTakenOver?: boolean;
  /** How many were begun. */
  readonly attempts: number;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly input?: Json;
  readonly output?: Json;
  readonly error?: KeptError;
  /** On disk before the effect of an action that is `check` or `none`; without a result it means: nobody knows. */
  readonly intent?: { readonly attempt: number };
  /** Of a sleeping step: when it goes on, in epoch milliseconds. */
  readonly until?: number;
  /** Of an open wait for an event: events behind the position `since` count; those up to `seenTo` have been looked at. */
  readonly wait?: { readonly since: number; readonly seenTo?: number };
  /** Members that are kept beside the journal, because they are large. */
  readonly large?: readonly LargeMember[];
  /** Of a loop over a list: its elements, as they were when it began. */
  readonly items?: readonly Json[];
  /** Of a loop over pages: what its elements have given, as far as their pages are done. */
  readonly collected?: readonly Json[];
  /** Of a loop: how far it has come. */
  readonly progress?: LoopProgress;
  /** Of a call: the run that was started. */
  readonly childId?: string;
  /** Of an action with a key of its own: what it is called under, the same for each attempt. */
  readonly effectKey?: string;
}

/** How far a loop over pages has come; elements of pages that are done have no records any more. */
export interface LoopProgress {
  /** Number of the page that is worked on, from 0. */
  readonly page: number;
  /** Elements of pages that are done. */
  readonly count: number;
  readonly failed: number;
  /** The first of them that failed. */
  readonly failures: readonly ElementFailure[];
  /** Where the page begins that is worked on; missing for the first. */
  readonly cursor?: Json;
}

/** One element that failed. */
export interface ElementFailure {
  readonly index: number;
  readonly code: string;
}

/** Tells the record of a page of a loop from those of steps: its path ends in the loop's, `page` and a number. */
export function isPage({ path }: Pick<StepRecord, 'path'>): boolean {
  return PAGE.test(path);
}

// A branch of a `parallel` may be called `page` too; what stands in front of that is no number.
const PAGE = /\d\.page\.\d+$/;

/** The event as it is pinned. */
export function pinEvent(event: LoggedEvent): PinnedEvent {
  const { id, name, kind, properties, traits, context, occurredAt, receivedAt, isTest, appId, identities } = event;
  const { userId, anonymousId, groupId } = identities;
  return withoutUndefined({
    id,
    name,
    kind,
    userId,
    anonymousId,
    groupId,
    properties,
    traits,
    context,
    occurredAt,
    receivedAt,
    isTest,
    appId,
  }) as unknown as PinnedEvent;
}

/** The same object without members that are `undefined`. */
export function withoutUndefined(value: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as JsonObject;
}

/** The id of the run that an event starts: the same however often the event is delivered, whatever version is deployed. */
export function runIdOfEvent(pipeline: string, event: Pick<LoggedEvent, 'id' | 'receivedAt'>): string {
  return `${timePart(event.receivedAt)}${digest(`${pipeline}\0${event.id}`, 20)}`;
}

/** The id of a run that nothing repeats. */
export function newRunId(now: number, unique: string): string {
  return `${timePart(now)}${digest(unique, 20)}`;
}

const TIME_LENGTH = 9;

function timePart(at: number): string {
  return Math.max(0, Math.floor(at)).toString(36).padStart(TIME_LENGTH, '0');
}

/** The time in the id of a run: when what started it came in, in epoch milliseconds. */
export function timeOfRunId(runId: string): number {
  return Number.parseInt(runId.slice(0, TIME_LENGTH), 36);
}

/** Lower-case hexadecimal SHA-256, cut. */
export function digest(text: string, length: number): string {
  return hash('sha256', text, 'hex').slice(0, length);
}

/** The key under which an action is called for a step: the same for every attempt, at most 64 of `[a-z0-9-]`. */
export function idempotencyKeyOf(tenantId: string, runId: string, path: string): string {
  return `run-${digest(`${tenantId}\0${runId}\0${path}`, 48)}`;
}

const JOB_PREFIX = 'run:';

/** The job that a run is. It carries nothing: its id says whose it is. */
export function jobIdOf(runId: string): string {
  return `${JOB_PREFIX}${runId}`;
}

/** The run that a job is. */
export function runIdOfJob(jobId: string): string {
  return jobId.slice(JOB_PREFIX.length);
}

const LONGEST_KEY_BYTES = 180;

/** Key of a step's row; deep paths are hashed. */
export function journalKey(runId: string, path: string): string {
  const key = `${runId}/${path}`;
  return Buffer.byteLength(key) <= LONGEST_KEY_BYTES ? key : `${runId}/~${digest(path, 40)}`;
}
