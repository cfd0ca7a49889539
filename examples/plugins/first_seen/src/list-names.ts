import type { ActionHandler } from '@tendril/plugin-api';

interface Seen {
  readonly name: string;
  readonly position: number;
}

/** Names in the order in which they came, at most a thousand. */
export const listNames: ActionHandler<object, { readonly names: readonly string[] }> = async (_input, call) => {
  const { items } = await call.table<Seen>('names').query({ limit: 1_000 });
  return {
    names: items
      .map(({ value }) => value)
      .toSorted((a, b) => a.position - b.position)
      .map(({ name }) => name),
  };
};
