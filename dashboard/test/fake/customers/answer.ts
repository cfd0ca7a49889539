import type { Json, JsonObject } from '../../../src/api/types.ts';

/** What an action is asked with. */
export type Input = Readonly<Record<string, Json>>;

/** Actions of a plugin by their names. */
export type FakeActions = Readonly<Record<string, (input: Input) => unknown>>;

/** A refusal, as the hub answers it. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: JsonObject;

  constructor(status: number, code: string, title: string, details: JsonObject = {}) {
    super(title);
    this.status = status;
    this.body = { title, status, code, remedy: 'fix-input', details };
  }
}

/** A page of a list, as actions give it. */
export function pageOf<Item>(all: readonly Item[], input: Input): { items: readonly Item[]; nextCursor?: string } {
  const from = Number(input['cursor'] ?? 0);
  const to = from + Number(input['limit'] ?? 50);
  return { items: all.slice(from, to), ...(to < all.length ? { nextCursor: String(to) } : {}) };
}
