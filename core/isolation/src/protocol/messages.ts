import type { Json, JsonObject } from '@tendril/plugin-api';
import type { WireError } from './wire-error.ts';

/** What a handler is told of its call at once; the rest it asks for. */
export interface CallFacts {
  readonly tenant: { readonly id: string; readonly name: string; readonly timeZone: string };
  readonly isTest: boolean;
  readonly settings: JsonObject;
  readonly idempotencyKey: string;
  readonly attempt: number;
  /** The hub's clock, in epoch milliseconds. */
  readonly now: number;
}

/** What the hub says. */
export type HubMessage =
  | {
      readonly type: 'start';
      readonly plugin: string;
      /** Path of the entry module inside the plugin's folder. */
      readonly entry: string;
      /** What `setup` has to register, as `kind id`. */
      readonly handlers: readonly string[];
      readonly tables: readonly string[];
    }
  | {
      readonly type: 'invoke';
      readonly call: number;
      /** `kind id`. */
      readonly handler: string;
      /** Of a driver. */
      readonly method?: string;
      /** Without the call. */
      readonly input: readonly unknown[];
      readonly facts: CallFacts;
    }
  | { readonly type: 'abort'; readonly call: number; readonly error: WireError }
  | { readonly type: 'reply'; readonly ask: number; readonly value?: unknown; readonly error?: WireError }
  | { readonly type: 'ping' }
  | { readonly type: 'stop' }
  | StreamMessage;

/** What either side says about a stream. */
export type StreamMessage =
  /** The receiver has taken so much in; as much again may be sent. */
  | { readonly type: 'taken'; readonly stream: number; readonly bytes: number }
  | { readonly type: 'end'; readonly stream: number }
  /** Nothing more comes or is wanted. */
  | { readonly type: 'broken'; readonly stream: number; readonly error?: WireError };

/** What a plugin's process says. */
export type PluginMessage =
  | { readonly type: 'ready'; readonly missing: readonly string[]; readonly surplus: readonly string[] }
  | { readonly type: 'faulty'; readonly error: WireError }
  | { readonly type: 'done'; readonly call: number; readonly value?: Json }
  | { readonly type: 'failed'; readonly call: number; readonly error: WireError }
  | { readonly type: 'ask'; readonly call: number; readonly ask: number; readonly member: string; readonly input: readonly unknown[] }
  /** The asker no longer waits for the answer. */
  | { readonly type: 'cancel'; readonly ask: number }
  | {
      readonly type: 'log';
      readonly call: number;
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly fields: JsonObject;
      readonly message: string;
    }
  | { readonly type: 'alive' }
  | { readonly type: 'stopped'; readonly isClean: boolean }
  | StreamMessage;

/** Lines of a log that one call may write; more are left out, as in the hub's own process. */
export const MOST_LOG_LINES = 1_000;
/** Questions of one call that may be open at once. The plugin's end keeps more of them waiting. */
export const MOST_OPEN_ASKS = 256;
/** The largest frame that a plugin's process may send. */
export const LARGEST_PLUGIN_FRAME_BYTES = 16 * 1024 * 1024;
/** The largest frame that the hub sends. */
export const LARGEST_HUB_FRAME_BYTES = 128 * 1024 * 1024;
