import type { EffectCheck, Json, JsonObject } from '@tendril/plugin-api';
import type { Change } from '../ports.ts';

/** Who calls an action: decides which permissions count. */
export type Caller =
  | { readonly kind: 'pipeline'; readonly id: string }
  | { readonly kind: 'plugin'; readonly id: string }
  | { readonly kind: 'key'; readonly id: string }
  | { readonly kind: 'hub' };

/** One call of one action. */
export interface ActionRequest {
  readonly tenantId: string;
  /** `plugin.action`, or a capability `name@major`. */
  readonly name: string;
  readonly input: JsonObject;
  /** Name of a connection; the plugin's only one, or the one named as the plugin, without it. */
  readonly connection?: string;
  /** The same for each attempt at the same piece of work. */
  readonly idempotencyKey: string;
  /** 1 for the first. */
  readonly attempt: number;
  readonly caller: Caller;
  readonly isTest: boolean;
  /** Everything but `read` is held back; the answer says what would have been done. */
  readonly isDryRun?: boolean;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly causedBy?: { readonly runId?: string; readonly eventId?: string };
  readonly hops?: number;
  readonly requestId?: string;
  /** Path of the step that calls. */
  readonly path?: string;
  /**
   * Called once everything that can fail without an effect has passed (input, permissions, connection, permit) and
   * before the handler of an action that is `none` or `check` starts: the caller puts its intent on disk here.
   */
  readonly beforeEffect?: () => Promise<void>;
}

/** What an action gave, and the changes that the caller commits together with its own record of the call. */
export interface ActionResult {
  readonly output: Json;
  readonly changes: readonly Change[];
}

/** What the engine knows of an action from its manifest. */
export interface ActionDescription {
  readonly name: string;
  readonly plugin: string;
  readonly title: string;
  readonly description?: string;
  readonly effect: 'read' | 'write' | 'send' | 'spend';
  readonly idempotency: 'key' | 'natural' | 'check' | 'none';
  readonly implements?: string;
  readonly input: JsonObject;
  readonly output: JsonObject;
  /** In milliseconds; 30,000 unless the manifest says otherwise. */
  readonly timeoutMs: number;
  /** Kinds of connection it can use; empty when it needs none. */
  readonly connectionKinds: readonly string[];
  readonly examples?: readonly { readonly title?: string; readonly input: JsonObject; readonly output?: Json }[];
  /** Of a `send`: JSON pointers into its input, of the address into the person's profile. */
  readonly send?: { readonly person: string; readonly purpose?: string; readonly channel: string; readonly address: string };
  /** Of a `spend`: JSON pointers into its input. */
  readonly spend?: { readonly amount: string; readonly currency: string };
}

/** The one way anything is done. */
export interface ActionPath {
  /** Every action of the loaded plugins. */
  list(): readonly ActionDescription[];
  /** By `plugin.action`, or by capability among the plugins enabled for the tenant. @throws TendrilError PLUGIN_NOT_INSTALLED_HERE */
  find(tenantId: string, name: string): Promise<ActionDescription | undefined>;
  /**
   * Validation, permissions, connection, governor, `beforeEffect`, handler with its timeout, validation of the output.
   * Does not retry and does not commit: the caller does both. A permit that was reserved is settled by the returned
   * changes, or released when the handler failed without an effect and no attempt before it may have had one.
   *
   * @throws TendrilError; `details.retryAfterMs` where the service said when to try again
   */
  execute(request: ActionRequest): Promise<ActionResult>;
  /** Asks an action of idempotency `check` whether the effect of the key took place; `unknown` for any other action. */
  check(request: ActionRequest): Promise<EffectCheck<Json>>;
}
