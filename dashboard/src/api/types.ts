/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A moment as the API gives it: epoch milliseconds or an ISO 8601 text. */
export type Instant = number | string;

/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string;
}

/** The counters of the whole tenant. */
export interface Overview {
  readonly tenant: { readonly id: string; readonly name: string };
  /** `perSecond` is measured here where the hub does not say it. */
  readonly events: { readonly total: number; readonly today: number | undefined; readonly perSecond: number | undefined };
  readonly people: number;
  readonly leads: number;
  /** Key is the state of the run. */
  readonly runs: Readonly<Record<string, number>>;
  readonly mails: number;
  readonly sandbox: readonly SandboxCount[];
  readonly consumers: readonly ConsumerState[];
  readonly governor: GovernorState;
}

/** What reached one service: each counted apart, as a repeated request with the same key has no second effect. */
export interface SandboxCount {
  readonly service: string;
  readonly requests: number;
  readonly effects: number;
  readonly keys: number;
}

/** How far one follower of the log is. */
export interface ConsumerState {
  readonly id: string;
  readonly position: number;
  /** In events. */
  readonly lag: number;
  readonly lagMs: number;
  readonly setAside: number;
  readonly isPaused: boolean;
}

/** The one way out to people and money. */
export interface GovernorState {
  readonly isPaused: boolean;
  readonly sentToday: number;
  /** Of test apps: they use up nothing. */
  readonly testSentToday?: number;
  readonly dailyCap: number;
  readonly dailyCapPerPerson: number;
}

/** A fact of the log. */
export interface LoggedEvent {
  readonly id: string;
  readonly position: number;
  readonly kind: string;
  readonly name: string;
  readonly appId: string;
  readonly isTest: boolean;
  readonly occurredAt: Instant;
  readonly receivedAt: Instant;
  readonly identities: JsonObject;
  readonly properties: JsonObject;
  readonly traits: JsonObject;
  readonly context: JsonObject;
  readonly isImported?: boolean;
  readonly causedBy?: JsonObject;
  readonly hops?: number;
  readonly requestId?: string;
  readonly profileId?: string;
}

/** A person in a list. */
export interface PersonInfo {
  readonly id: string;
  readonly traits: JsonObject;
  readonly identities: Json;
  readonly firstSeenAt?: Instant;
  readonly lastSeenAt?: Instant;
}

/** A person with what happened to them. */
export interface Person extends PersonInfo {
  /** Former values of traits: a list of entries, or entries by trait. */
  readonly history?: Json;
  readonly timeline?: readonly LoggedEvent[];
}

/** One contribution to a score, in words; above zero it speaks for, below against. */
export interface ScoreReason {
  readonly feature: string;
  readonly text: string;
  readonly contribution: number;
}

/** A person who may become a customer. */
export interface Lead {
  readonly id: string;
  readonly personId: string;
  readonly name?: string;
  readonly email?: string;
  readonly status: string;
  /** From 0 to 1; absent until scored. */
  readonly probability?: number | null;
  readonly reasons?: readonly ScoreReason[];
  readonly modelVersion?: string | number | null;
  readonly scoredAt?: Instant | null;
  readonly createdAt: Instant;
}

/** A deployed pipeline. */
export interface PipelineInfo {
  readonly id: string;
  readonly title: string;
  readonly version: number;
  readonly isPaused: boolean;
  readonly source: string;
  readonly settings: JsonObject;
  readonly settingsSchema: JsonObject;
  readonly trigger: JsonObject;
  readonly deployedAt: Instant;
}

/** State of a run. `needs_review` and `blocked` wait for a person. */
export type RunState = 'running' | 'sleeping' | 'succeeded' | 'failed' | 'stopped' | 'needs_review' | 'blocked';

/** A run without its steps. */
export interface RunInfo {
  readonly id: string;
  readonly pipeline: string;
  readonly version: number;
  readonly state: RunState;
  readonly startedAt: Instant;
  readonly endedAt?: Instant;
  readonly personId?: string;
  readonly eventId?: string;
  readonly isTest: boolean;
  readonly error?: JsonObject;
}

/** One journalled step. */
export interface StepInfo {
  readonly path: string;
  readonly id?: string;
  readonly kind: string;
  readonly action?: string;
  readonly connection?: string;
  readonly state: RunState | 'skipped';
  readonly attempts: number;
  readonly startedAt: Instant;
  readonly endedAt?: Instant;
  readonly input?: Json;
  readonly output?: Json;
  readonly error?: JsonObject;
}

/** A run with its steps. */
export interface Run extends RunInfo {
  readonly steps: readonly StepInfo[];
  readonly settings: JsonObject;
  readonly requestId?: string;
}

/** A person's decision on a step that needs review. */
export type ReviewDecision = 'happened' | 'retry' | 'fail';

/** An account at an outside service. */
export interface ConnectionInfo {
  readonly name: string;
  readonly plugin: string;
  readonly kind: string;
  readonly isSandbox: boolean;
  readonly state: 'untested' | 'working' | 'needs_login';
  readonly createdAt: Instant;
  readonly testedAt?: Instant;
  readonly values: JsonObject;
}

/** An installed plugin as the tenant uses it. */
export interface PluginInfo {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly state: 'loaded' | 'faulty';
  readonly actions: readonly string[];
  readonly permissions: JsonObject;
  readonly isEnabled?: boolean;
}

/** A mail of the local sink. */
export interface MailInfo {
  readonly id: string;
  readonly from: Json;
  readonly to: Json;
  readonly subject: string;
  readonly sentAt: Instant;
}

/** A mail with its parts. */
export interface Mail extends MailInfo {
  readonly html?: string | null;
  readonly text?: string | null;
  readonly headers?: JsonObject;
}

/** A change at an outside service, as its sandbox saw it. */
export interface SandboxEffect {
  readonly at: Instant;
  readonly kind: string;
  readonly key?: string | null;
  readonly record: Json;
}

/** Problem details of RFC 9457, with the catalogue's code and remedy. */
export interface ProblemDetails {
  readonly title?: string;
  readonly status?: number;
  readonly code?: string;
  readonly remedy?: string;
  readonly detail?: string;
  readonly details?: JsonObject;
}
