import type { Call } from '@tendril/plugin-api';
import type { PlacesRow, PlaceVersionsRow, Settings } from '../gen/manifest.gen.ts';
import { compilePlace } from './compiled-place.ts';
import type { CompiledPlace } from './compiled-place.ts';
import { versionKey } from './place.ts';

/** A place as it is in force. */
export interface OpenPlace {
  readonly id: string;
  readonly version: number;
  readonly compiled: CompiledPlace;
}

const MOST_COMPILED = 2_000;

/** By digest of what they hold, so that neither a change nor another tenant's place of the same name gives an old one. */
const compiledByHash = new Map<string, CompiledPlace>();

/**
 * Places as they are in force now: a small row each tells the version, and what a version holds is read and compiled once
 * in this process.
 *
 * @returns in the order of the ids; `undefined` where there is no place
 */
export async function openPlaces(ids: readonly string[], call: Call<Settings>): Promise<readonly (OpenPlace | undefined)[]> {
  const rows = await call.table<PlacesRow>('places').getMany(ids);
  const heads = rows.map((row) => (row?.value.state === 'active' ? row.value : undefined));
  const known = heads.map((head) => (head === undefined ? undefined : compiledByHash.get(head.hash)));
  const unknown = heads.flatMap((head, index) => (head === undefined || known[index] !== undefined ? [] : [head]));
  const compiled = unknown.length === 0 ? undefined : await compileAll(unknown, call);
  return heads.map((head, index) => {
    const place = head && (known[index] ?? compiled?.get(head.hash));
    return head && place && { id: head.id, version: head.version, compiled: place };
  });
}

async function compileAll(heads: readonly PlacesRow[], call: Call<Settings>): Promise<ReadonlyMap<string, CompiledPlace>> {
  const rows = await call.table<PlaceVersionsRow>('place_versions').getMany(heads.map(({ id, version }) => versionKey(id, version)));
  const compiled = new Map(
    rows.flatMap((row) => (row === undefined ? [] : [[row.value.hash, compilePlace(row.value.place, call.expressions)] as const])),
  );
  if (compiledByHash.size + compiled.size > MOST_COMPILED) compiledByHash.clear();
  for (const [hash, place] of compiled) compiledByHash.set(hash, place);
  return compiled;
}
