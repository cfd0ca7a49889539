import type {
  Call,
  Clock,
  Connection,
  DriverContract,
  DriverOf,
  Json,
  JsonObject,
  LoggedEvent,
  Logger,
  Permit,
  StartedPipeline,
  TakenIn,
} from '@tendril/plugin-api';
import type { Change } from '../ports.ts';
import type { OpenTenant } from '../tenants/index.ts';
import type { Network } from './broker/network.ts';
import type { LoadedPlugin } from './contract.ts';

/** Calls another plugin's action for the running one; late-bound, since the call path is built on top of this room. */
export type CallAction = (nested: NestedCall) => Promise<{
  readonly output: Json;
  readonly changes: readonly Change[];
  /** Whether it is known to do nothing but read. */
  readonly isRead?: boolean;
}>;

/** A plugin's call of another's action. */
export interface NestedCall {
  readonly tenantId: string;
  /** The plugin that calls. */
  readonly plugin: string;
  readonly name: string;
  readonly input: JsonObject;
  readonly idempotencyKey: string;
  readonly attempt: number;
  readonly isTest: boolean;
  readonly hops: number;
  readonly signal: AbortSignal;
  readonly depth: number;
  /** What the calling handler may cause at most: a `read` action calls only such. */
  readonly ceiling: Ceiling;
  /** Of the handler at the beginning of the chain. */
  readonly bounds?: CallBounds;
  readonly causedBy?: LoggedEvent['causedBy'];
  readonly requestId?: string;
}

/** A call of another's action that is about to be made. */
export interface BoundedCall {
  readonly name: string;
  readonly input: JsonObject;
  /** Its idempotency key. */
  readonly key: string;
  /** 0 for a call of the handler itself, more for what the called actions call in turn. */
  readonly depth: number;
}

/** Bounds beyond permissions and ceiling: those of an agent. */
export interface CallBounds {
  /** Resolves when the call may be made. @throws TendrilError */
  admit(call: BoundedCall): Promise<void>;
}

/** The effect of a handler, which those it calls must not exceed: dry runs and retries rely on what it declares. */
export interface Ceiling {
  readonly effect: 'read' | 'write' | 'send' | 'spend';
  readonly idempotency: 'key' | 'natural' | 'check' | 'none';
}

/** For whom a driver works: a handler, or a room of the engine. */
export type DriverCaller = Pick<HandlerRun, 'tenant' | 'isTest' | 'idempotencyKey' | 'attempt' | 'signal' | 'requestId'> & {
  readonly plugin: Pick<LoadedPlugin, 'id'>;
};

/** Runs a driver of the tenant's. @throws TendrilError MODEL_MISSING, DRIVER_MISSING, ANALYTICS_NOT_HERE */
export type RunDriver = <Contract extends DriverContract, Output>(
  caller: DriverCaller,
  contract: Contract,
  work: (driver: DriverOf<Contract>, call: Call) => Promise<Output>,
) => Promise<Output>;

/** Takes in what a plugin brings, as one of the tenant's apps would. */
export type TakeIn = (tenantId: string, batch: BroughtCalls) => Promise<readonly TakenIn[]>;

/** Tells which pipelines of a tenant events of a name start: those of test apps, or live ones. */
export type FindStartedPipelines = (tenantId: string, event: string, isTest: boolean) => Promise<readonly StartedPipeline[]>;

/** Calls of the tracking API that a plugin brings. */
export interface BroughtCalls {
  readonly plugin: string;
  readonly calls: readonly JsonObject[];
  readonly isTest: boolean;
  readonly isImport: boolean;
  readonly requestId: string;
}

/** Makes the folder of a plugin and tenant and tells its path; where files live is known outside the engine. */
export type OpenFolder = (tenantId: string, plugin: string) => Promise<string>;

/** What the host gives every handler run. */
export interface CallEnvironment {
  readonly clock: Clock;
  readonly log: Logger;
  readonly network: Network;
  readonly callAction: CallAction;
  readonly runDriver: RunDriver;
  /** Takes in calls of the tracking API; missing where nothing is taken in. */
  readonly takeIn?: TakeIn | undefined;
  /** Missing where no pipelines run. */
  readonly startedPipelines?: FindStartedPipelines | undefined;
  /** Has the columnar copy of a tenant's events filled again; missing where there is none. */
  readonly rebuildAnalytics?: ((tenantId: string) => Promise<void>) | undefined;
  /** Missing where the hub keeps no files. */
  readonly openFolder?: OpenFolder | undefined;
}

/** One handler run: who runs what for whom. */
export interface HandlerRun {
  readonly plugin: LoadedPlugin;
  readonly tenant: OpenTenant;
  readonly settings: JsonObject;
  /** `action upsert_lead`, `consumer project`: for logs and ids. */
  readonly handler: string;
  readonly ceiling: Ceiling;
  readonly isTest: boolean;
  readonly idempotencyKey: string;
  readonly attempt: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly input?: Json;
  readonly connection?: Connection;
  readonly permit?: Permit;
  /** Of the event that caused it; 0 when nothing did. */
  readonly hops?: number;
  readonly causedBy?: LoggedEvent['causedBy'];
  readonly requestId?: string;
  readonly depth?: number;
  readonly retryAfterHeaders?: readonly string[];
  /** Asked before each call of an action. */
  readonly bounds?: CallBounds;
  /** The events of a consumer's batch, which what it emits is traced to. */
  readonly events?: readonly LoggedEvent[];
}

/** A handler run for as long as it lasts. */
export interface LiveCall {
  readonly run: HandlerRun;
  readonly environment: CallEnvironment;
  /** Aborted when the run ends, however it ends. */
  readonly signal: AbortSignal;
  /** @throws TendrilError CALL_ENDED */
  assertAlive(): void;
}
