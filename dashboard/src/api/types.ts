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

/** Where a version of a pipeline is in force. */
export type Environment = 'development' | 'staging' | 'production';

/** A deployed pipeline. */
export interface PipelineInfo {
  readonly id: string;
  readonly title: string;
  /** Production where the hub does not say it. */
  readonly environment?: Environment;
  readonly version: number;
  readonly isPaused: boolean;
  /** While it is paused, runs in flight stop before their next step. */
  readonly holdsRuns?: boolean;
  readonly source: string;
  readonly settings: JsonObject;
  readonly settingsSchema: JsonObject;
  readonly trigger: JsonObject;
  /** JSON Schema of what starts it by hand; missing when it takes nothing. */
  readonly inputSchema?: JsonObject;
  readonly deployedAt: Instant;
  /** Of a webhook: its path below the address of the hub. */
  readonly webhookPath?: string;
  /** Of a schedule or polled source: when it is due next. */
  readonly nextAt?: Instant;
  /** Of a polled source: why the last poll failed. */
  readonly triggerError?: JsonObject;
}

/** A version of a pipeline as it is kept. */
export interface PipelineVersion {
  readonly version: number;
  readonly createdAt: Instant;
  readonly source: string;
  readonly environments: readonly Environment[];
}

/** A fault of a pipeline file. */
export interface PipelineFault {
  readonly code: string;
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly suggestion?: string;
}

/** State of a run. `needs_review`, `needs_approval` and `blocked` wait for a person. */
export type RunState =
  'running' | 'sleeping' | 'succeeded' | 'failed' | 'stopped' | 'cancelled' | 'needs_review' | 'needs_approval' | 'blocked';

/** A run without its steps. */
export interface RunInfo {
  readonly id: string;
  readonly pipeline: string;
  readonly version: number;
  readonly environment?: Environment;
  readonly state: RunState;
  readonly startedAt: Instant;
  readonly endedAt?: Instant;
  readonly personId?: string;
  readonly eventId?: string;
  readonly isTest: boolean;
  readonly error?: JsonObject;
  /** Why it was stopped or cancelled. */
  readonly reason?: string;
  readonly parentId?: string;
  readonly broadcastId?: string;
  readonly replayOf?: string;
}

/** One journalled step. What is masked stands as `[personal]` or `[secret]`. */
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
  /** When a sleeping step goes on by itself. */
  readonly until?: Instant;
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
  readonly requestId?: string;
}

/** Which runs are meant. */
export interface RunFilter {
  readonly pipeline?: string | undefined;
  readonly state?: string | undefined;
  readonly person?: string | undefined;
  readonly environment?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly broadcastId?: string | undefined;
  readonly parentId?: string | undefined;
}

/** How a run is done again. */
export interface ReplayOptions {
  /** Id or path of the first step that is done again; from the beginning without it. */
  readonly fromStep?: string;
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
  readonly id: string;
  readonly runId: string;
  readonly path: string;
  readonly pipeline: string;
  readonly by?: string;
  readonly title?: string;
  readonly message?: string;
  readonly personId?: string;
  readonly askedAt: Instant;
  readonly until?: Instant;
  readonly isTest: boolean;
}

/** How far a broadcast has come. */
export interface Broadcast {
  readonly id: string;
  readonly pipeline: string;
  readonly version: number;
  readonly state: 'running' | 'paused' | 'done' | 'cancelled' | 'failed';
  readonly segment?: string;
  readonly perMinute?: number;
  readonly createdAt: Instant;
  readonly endedAt?: Instant;
  /** How many people it is for, as far as is known. */
  readonly total?: number;
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
  readonly error?: JsonObject;
}

/** Whom a broadcast reaches, and how fast. */
export interface NewBroadcast {
  readonly people?: readonly string[];
  readonly segment?: string;
  readonly perMinute?: number;
  readonly input?: JsonObject;
  readonly isTest?: boolean;
}

/** How far starting runs for past events has come. */
export interface Backfill {
  readonly id: string;
  readonly pipeline: string;
  readonly state: 'running' | 'done' | 'cancelled' | 'failed';
  readonly from: Instant;
  readonly to: Instant;
  readonly events: number;
  readonly started: number;
  readonly position: { readonly first: number; readonly now: number; readonly last: number };
  readonly error?: JsonObject;
}

/** A call that a run without effects would have made. */
export interface WouldCall {
  readonly path: string;
  readonly action: string;
  readonly connection?: string;
  readonly effect: 'read' | 'write' | 'send' | 'spend';
  readonly input: Json;
  readonly at: Instant;
  readonly output?: Json;
  readonly answeredBy: 'action' | 'case' | 'example' | 'schema';
  readonly heldBack?: string;
  readonly cost?: { readonly amount: number; readonly currency: string };
}

/** One step of a run that was played through. */
export interface SimulatedStep {
  readonly path: string;
  readonly id?: string;
  readonly kind: string;
  readonly state: string;
  readonly startedAt: Instant;
  readonly endedAt?: Instant;
  readonly output?: Json;
  readonly error?: JsonObject;
}

/** A run that was played through in memory, with virtual time. */
export interface Simulation {
  readonly state: RunState;
  readonly startedAt: Instant;
  readonly endedAt?: Instant;
  readonly steps: readonly SimulatedStep[];
  readonly calls: readonly WouldCall[];
  readonly emitted: readonly { readonly event: string; readonly properties: JsonObject; readonly at: Instant }[];
  readonly output?: JsonObject;
  readonly error?: JsonObject;
  readonly reason?: string;
}

/** What a dry run answers: faults of the file, or the run. */
export interface DryRunAnswer {
  readonly faults?: readonly PipelineFault[];
  readonly simulation?: Simulation;
}

/** Somebody whom a pipeline would have reached. */
export interface RehearsedRun {
  readonly eventId: string;
  readonly position: number;
  readonly at: Instant;
  readonly personId?: string;
  readonly state: RunState;
  readonly calls: readonly WouldCall[];
}

/** What a pipeline would have done over a part of the log. */
export interface Rehearsal {
  readonly from: Instant;
  readonly to: Instant;
  readonly events: number;
  readonly matched: number;
  readonly notStarted: Readonly<Record<string, number>>;
  readonly byState: Readonly<Record<string, number>>;
  readonly actions: readonly {
    readonly action: string;
    readonly effect: string;
    readonly calls: number;
    readonly people: number;
    readonly heldBack: number;
    readonly cost?: Readonly<Record<string, number>>;
  }[];
  readonly runs: readonly RehearsedRun[];
  /** What could not be known, in sentences. */
  readonly caveats: readonly string[];
}

/** What a rehearsal answers: faults of the file, or what would have been done. */
export interface RehearsalAnswer {
  readonly faults?: readonly PipelineFault[];
  readonly rehearsal?: Rehearsal;
}

/** One part of a condition with what it came to. */
export interface ConditionPart {
  readonly expression: string;
  readonly value: Json;
  readonly problem?: string;
  readonly isMet: boolean;
}

/** Why an event has or has not started a run of a pipeline. */
export interface StartReason {
  readonly pipeline: string;
  readonly version: number;
  readonly environment: Environment;
  readonly eventId: string;
  readonly position: number;
  readonly at: Instant;
  readonly isStarted: boolean;
  readonly runId?: string;
  readonly runState?: RunState;
  readonly code: string;
  readonly reason: string;
  readonly conditions: readonly ConditionPart[];
}

/** Why a pipeline did or did not do something for a person. */
export interface Explanation {
  readonly pipeline: string;
  readonly personId: string;
  readonly summary: string;
  readonly starts: readonly StartReason[];
  readonly heldBack: readonly {
    readonly runId: string;
    readonly path: string;
    readonly action: string;
    readonly reason: string;
    readonly at: Instant;
  }[];
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
  /** `plugin.action`. */
  readonly actions: readonly string[];
  readonly isEnabled: boolean;
  /** Values in force. */
  readonly settings: JsonObject;
  readonly settingsSchema: JsonObject;
  readonly isFirstParty: boolean;
  /** Missing when it is faulty. */
  readonly runsIn?: 'process' | 'child' | 'declarative';
  /** The gravest first. */
  readonly permissionsInWords: readonly string[];
  /** What somebody consents to who enables it. */
  readonly permissionsHash: string;
  /** Names by kind. */
  readonly contributes: Readonly<Record<string, readonly string[]>>;
  readonly breakingChanges: readonly PluginBreakingChange[];
  /** Where it was installed from. */
  readonly source?: JsonObject;
  /** `hash` is of what was consented to. */
  readonly consent: { readonly isNeeded: boolean; readonly hash?: string; readonly added?: readonly string[] };
  readonly health: { readonly state: 'ok' | 'stopped' | 'revoked' | 'faulty'; readonly incidents: number; readonly reason?: string };
}

/** What a version of a plugin changes for those who use older ones. */
export interface PluginBreakingChange {
  readonly version: string;
  readonly change: string;
  readonly guide: string;
  /** Until when the old way works. */
  readonly by: string;
}

/** An agent with what is left of today's bounds. */
export interface AgentInfo {
  /** `plugin.agent`. */
  readonly name: string;
  readonly plugin: string;
  readonly title: string;
  readonly role: string;
  readonly everyMs: number;
  readonly actions: readonly string[];
  /** Of these, those that need a person's approval. */
  readonly approval: readonly string[];
  readonly lastTickAt?: Instant;
  readonly remaining: { readonly sends?: number; readonly spendCents?: number; readonly calls?: number };
}

/** A way to reach a person. */
export interface ChannelInfo {
  readonly name: string;
  readonly plugin: string;
  readonly title: string;
  readonly action: string;
  /** JSON pointer into a profile. */
  readonly address: string;
  readonly unsubscribe: 'link' | 'reply' | 'platform';
  readonly quietHours: boolean;
}

/** An address that a service calls for a plugin. */
export interface PluginWebhook {
  readonly id: string;
  readonly title: string;
  readonly verify: 'standard_webhooks' | 'hmac_sha256' | 'basic' | 'handler' | 'none';
  readonly path: string;
  readonly event?: string;
  readonly secret: 'none' | 'of_address' | 'of_connection';
  readonly secretField?: string;
  /** False while a secret is missing. */
  readonly isReady: boolean;
}

/** A pipeline that comes with a plugin. */
export interface ReadyPipeline {
  readonly id: string;
  /** Under which it is deployed. */
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  readonly source: string;
  readonly settings: JsonObject;
  readonly state: 'absent' | 'added' | 'edited';
  readonly isPaused?: boolean;
  readonly addedFromVersion?: string;
  readonly hasNewer: boolean;
}

/** Where a panel is shown. */
export type PanelPlace = 'overview' | 'person' | 'lead' | 'plugin';

/** A panel that a plugin contributes. */
export interface PanelInfo {
  readonly id: string;
  readonly plugin: string;
  readonly title: string;
  readonly view: PanelData['view'];
  readonly place: PanelPlace;
}

/** One figure. */
export interface PanelNumber {
  readonly value: number;
  readonly label?: string;
  /** 0.1 is a tenth more. */
  readonly changeRatio?: number;
}

/** Columns, and rows by the columns' keys. */
export interface PanelTable {
  readonly columns: readonly { readonly key: string; readonly title: string; readonly kind?: 'text' | 'number' | 'instant' }[];
  readonly rows: readonly Readonly<Record<string, string | number | boolean | null>>[];
}

/** Points of one line, or one row of bars. */
export interface PanelSeries {
  readonly name: string;
  readonly points: readonly { readonly x: string | number; readonly y: number }[];
}

/** What a panel shows: text and numbers, which the hub has checked against the view. */
export type PanelData =
  | { readonly view: 'number'; readonly data: PanelNumber }
  | { readonly view: 'table'; readonly data: PanelTable }
  | { readonly view: 'line' | 'bar'; readonly data: { readonly series: readonly PanelSeries[] } }
  | { readonly view: 'text'; readonly data: { readonly text: string } };

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
