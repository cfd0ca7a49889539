import type { Call, Json, JsonObject } from '@tendril/plugin-api';
import type { Answer } from './answer.ts';
import type { HttpScope } from './http-roots.ts';

/** Fields of connections that expressions may read, by kind: those that the schema names and that are not secret. */
export type ReadableFields = ReadonlyMap<string, readonly string[]>;

/** What the expressions of one call read. It fills as the call goes on: the answer, the page, the items. */
export class CallScope implements HttpScope {
  readonly input: Json;
  cursor: Json = null;
  page = 0;
  response: Answer | null = null;
  items: readonly Json[] = [];
  hasMore = false;
  webhook: JsonObject | null = null;
  readonly #call: Call;
  readonly #readable: ReadableFields;

  constructor(call: Call, input: Json, readable: ReadableFields) {
    this.#call = call;
    this.input = input;
    this.#readable = readable;
  }

  get settings(): JsonObject {
    return this.#call.settings;
  }

  get idempotencyKey(): string {
    return this.#call.idempotencyKey;
  }

  get permit(): Call['permit'] {
    return this.#call.permit;
  }

  /** Without its secrets: those go into requests by `inject` only. */
  get connection(): JsonObject {
    const { kind, values } = this.#call.connection;
    const fields = this.#readable.get(kind) ?? [];
    return Object.fromEntries(fields.filter((field) => Object.hasOwn(values, field)).map((field) => [field, values[field] ?? null]));
  }
}
