import { api } from '../client.ts';
import { useResource } from '../use-resource.ts';
import { analyticsApi } from './analytics.ts';
import type { KnownEvent } from './analytics.ts';
import { segmentsApi } from './segments.ts';

/** Names to choose among: what there is already. Empty where it is not known. */
export interface KnownNames {
  readonly events: readonly KnownEvent[];
  readonly traits: readonly string[];
  readonly segments: readonly string[];
}

const NONE: KnownNames = { events: [], traits: [], segments: [] };

/** Names of events, traits and segments. What cannot be asked for is left out: names may be typed as well. */
export function useKnownNames(): KnownNames {
  const names = useResource('known-names', async (signal): Promise<KnownNames> => {
    const [events, traits, segments] = await Promise.all([
      orNothing(() => analyticsApi.names(signal)),
      orNothing(() => traitsOf(signal)),
      orNothing(async () => (await segmentsApi.list(signal)).map(({ name }) => name)),
    ]);
    return { events, traits, segments };
  });
  return names.value ?? NONE;
}

/** Traits of the people who were seen last. */
async function traitsOf(signal: AbortSignal): Promise<readonly string[]> {
  const people = await api.people({}, signal);
  return [...new Set(people.items.flatMap(({ traits }) => Object.keys(traits)))].sort();
}

async function orNothing<Item>(ask: () => Promise<readonly Item[]>): Promise<readonly Item[]> {
  try {
    return await ask();
  } catch {
    return [];
  }
}
