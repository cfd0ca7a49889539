import type { Call, LoggedEvent } from '@tendril/plugin-api';
import type { IdentitiesRow, Settings } from '../gen/manifest.gen.ts';
import type { Graph } from '../graph.ts';
import { identityKey, identityOf } from '../identity.ts';
import type { IdentityRules } from '../identity-rules.ts';
import { mentionsOf } from '../mentions.ts';

/** To which part each of some events belongs that were handled before; `undefined` where nobody does. */
export type PartOfPast = (events: readonly LoggedEvent[]) => Promise<readonly (string | undefined)[]>;

interface Owner {
  readonly part: string;
  readonly sharedAt: number;
  readonly alone: string | undefined;
}

/**
 * Finds parts of events of the past as they were found when the events came: an identity belongs to its part for ever. An
 * identity that was dropped since leads nowhere; then a weaker one of the same event does.
 */
export function createPartOfPast(rules: IdentityRules, call: Call<Settings>, graph?: Graph): PartOfPast {
  return async (events) => {
    const named = events.map((event) => ({ event, keys: keysOf(event, rules) }));
    const owners = await ownersOf(new Set(named.flatMap(({ keys }) => keys)), call, graph);
    return named.map(({ event, keys }) => partOf(event, keys, owners));
  };
}

function keysOf(event: LoggedEvent, rules: IdentityRules): readonly string[] {
  if (event.kind !== 'hub') return mentionsOf(event, rules)?.list.map(({ key }) => key) ?? [];
  return (['userId', 'anonymousId'] as const).flatMap((kind) => {
    const value = event.identities[kind];
    return value === undefined ? [] : [identityKey(identityOf(kind, value))];
  });
}

function partOf(event: LoggedEvent, keys: readonly string[], owners: ReadonlyMap<string, Owner>): string | undefined {
  const known = keys.flatMap((key) => owners.get(key) ?? []);
  const person = event.properties['person'];
  if (known.length === 0) return event.kind === 'hub' && typeof person === 'string' && person !== '' ? person : undefined;
  if (event.kind === 'hub') return known[0]?.part;
  return (known.find(({ sharedAt }) => event.position <= sharedAt) ?? { part: known[0]?.alone ?? known[0]?.part }).part;
}

async function ownersOf(keys: ReadonlySet<string>, call: Call<Settings>, graph: Graph | undefined): Promise<ReadonlyMap<string, Owner>> {
  const owners = new Map<string, Owner>();
  const unknown: string[] = [];
  for (const key of keys) {
    const holder = graph?.find({ key });
    if (holder === undefined) unknown.push(key);
    else owners.set(key, { part: holder.part.id, sharedAt: sharedAtOf(holder), alone: holder.alone });
  }
  const rows = await call.table<IdentitiesRow>('identities').getMany(unknown);
  for (const row of rows) {
    if (row === undefined) continue;
    const { part, alone } = row.value;
    owners.set(row.key, { part, sharedAt: sharedAtOf(row.value), alone });
  }
  return owners;
}

/** Of one that has been shared before that was noted: from its beginning. */
function sharedAtOf({ isShared, sharedAt }: { readonly isShared?: boolean; readonly sharedAt?: number | undefined }): number {
  return isShared === true ? (sharedAt ?? 0) : Infinity;
}
