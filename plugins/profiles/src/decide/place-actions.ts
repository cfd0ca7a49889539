import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler, Call } from '@tendril/plugin-api';
import type {
  PlaceDeleteInput,
  PlaceDeleteOutput,
  PlaceGetInput,
  PlaceGetOutput,
  PlaceListInput,
  PlaceListOutput,
  PlaceSaveInput,
  PlaceSaveOutput,
  PlacesRow,
  PlaceVersionsRow,
  Settings,
} from '../gen/manifest.gen.ts';
import { toIso } from '../profile.ts';
import { checkPlace } from './check-place.ts';
import { digestOfPlace, KEPT_VERSIONS, versionKey } from './place.ts';

/**
 * Makes a place, or a new version of it; nothing where it is the same already.
 *
 * @throws TendrilError INPUT_INVALID with everything that is wrong with it
 * @throws TendrilError INPUT_INVALID when it is not based on the version that is in force
 */
export const placeSave: ActionHandler<PlaceSaveInput, PlaceSaveOutput, Settings> = async ({ place, basedOn }, call) => {
  checkPlace(place, call.expressions);
  const stored = await call.table<PlacesRow>('places').get(place.id);
  const isActive = stored?.value.state === 'active';
  const hash = digestOfPlace(place);
  if (isActive && stored.value.hash === hash) return { ...toHead(stored.value), isChanged: false };
  const inForce = isActive ? stored.value.version : 0;
  // Not CONFLICT, after which the host would try again: the edit has to be made again, by whoever made it.
  if (basedOn !== undefined && basedOn !== inForce)
    throw new TendrilError('INPUT_INVALID', {
      field: 'basedOn',
      place: place.id,
      reason: 'somebody else saved it',
      basedOn,
      version: inForce,
    });
  const version = (stored?.value.version ?? 0) + 1;
  const savedAt = call.clock.now();
  const row: PlacesRow = {
    id: place.id,
    state: 'active',
    title: place.title ?? place.id,
    kind: place.kind,
    version,
    candidates: place.candidates.length,
    hash,
    savedAt,
  };
  call.changes.put('places', row, stored?.version ?? 'absent');
  call.changes.put('place_versions', { id: versionKey(place.id, version), hash, savedAt, place } satisfies PlaceVersionsRow);
  if (version > KEPT_VERSIONS) call.changes.delete('place_versions', versionKey(place.id, version - KEPT_VERSIONS));
  return { ...toHead(row), isChanged: true };
};

/** Places by name. */
export const placeList: ActionHandler<PlaceListInput, PlaceListOutput, Settings> = async ({ limit = 100, cursor }, call) => {
  const page = await call
    .table<PlacesRow>('places')
    .query({ index: 'listed', equals: { state: 'active' }, limit, ...(cursor !== undefined && { cursor }) });
  const items = page.items.map(({ value }) => ({ ...toHead(value), savedAt: toIso(value.savedAt) }));
  return page.nextCursor === undefined ? { items } : { items, nextCursor: page.nextCursor };
};

/** A place as it is or was. @throws TendrilError NOT_FOUND */
export const placeGet: ActionHandler<PlaceGetInput, PlaceGetOutput, Settings> = async ({ id, version }, call) => {
  const { version: currentVersion } = await requirePlace(id, call);
  const row = await call.table<PlaceVersionsRow>('place_versions').get(versionKey(id, version ?? currentVersion));
  if (row === undefined) throw new TendrilError('NOT_FOUND', { field: 'version', place: id, kept: KEPT_VERSIONS });
  return { version: version ?? currentVersion, currentVersion, savedAt: toIso(row.value.savedAt), place: row.value.place };
};

/** Takes a place away. Its name goes on counting versions when it is used again, so that results stay apart. */
export const placeDelete: ActionHandler<PlaceDeleteInput, PlaceDeleteOutput, Settings> = async ({ id }, call) => {
  const stored = await call.table<PlacesRow>('places').get(id);
  if (stored?.value.state !== 'active') return { isDeleted: false };
  call.changes.put('places', { ...stored.value, state: 'deleted', savedAt: call.clock.now() } satisfies PlacesRow, stored.version);
  return { isDeleted: true };
};

/** @throws TendrilError NOT_FOUND */
export async function requirePlace(id: string, call: Call<Settings>): Promise<PlacesRow> {
  const row = await call.table<PlacesRow>('places').get(id);
  if (row?.value.state !== 'active') throw new TendrilError('NOT_FOUND', { field: 'id', place: id });
  return row.value;
}

function toHead({ id, title, kind, version, candidates }: PlacesRow): Omit<PlaceSaveOutput, 'isChanged'> {
  return { id, title, kind, version, candidates };
}
