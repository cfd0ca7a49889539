import { TendrilError } from '@tendril/plugin-api';
import type { Call } from '@tendril/plugin-api';

/** What was last reported of a component. */
export interface Component {
  readonly name: string;
  readonly state: 'up' | 'slow' | 'down';
  readonly note: string;
  readonly reportedAt: string;
}

/** What an operator sets. */
export interface Settings {
  readonly heading: string;
}

const MOST = 100;
const NAME = /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}$/;

/** By name, at most a hundred. */
export async function readComponents(call: Call<Settings>): Promise<readonly Component[]> {
  const { items } = await call.table<Component>('components').query({ limit: MOST });
  return items.map(({ value }) => value).toSorted((a, b) => a.name.localeCompare(b.name));
}

/** @throws TendrilError INPUT_INVALID when it is no name that a page should show */
export function checkName(name: string | undefined): string {
  if (name !== undefined && NAME.test(name)) return name;
  throw new TendrilError('INPUT_INVALID', {
    field: 'component',
    expected: 'up to 60 letters, digits, spaces, dots, dashes and underscores',
  });
}
