import type { PlaceDefinition, PlacePreview } from '../../../src/api/customers/places.ts';
import type { World } from '../world.ts';
import { Refusal, pageOf } from './answer.ts';
import type { FakeActions } from './answer.ts';

interface KeptPlace {
  readonly place: PlaceDefinition;
  readonly version: number;
  readonly savedAt: number;
}

const HERO: PlaceDefinition = {
  id: 'home_hero',
  title: 'Top of the home page',
  kind: 'page_slot',
  fallback: { headline: 'Welcome' },
  candidates: [
    {
      id: 'deposit',
      title: 'Term deposit',
      content: { headline: '2.4 % for a year' },
      when: '"engaged" in profile.segments',
      priority: 1,
      holdoutRatio: 0.1,
    },
  ],
};

/** Places of a made-up tenant, and what is decided for them. */
export function makePlaces(world: World, { isEmpty }: { readonly isEmpty: boolean }): FakeActions {
  const places = new Map<string, KeptPlace>();
  if (!isEmpty) places.set(HERO.id, { place: HERO, version: 2, savedAt: Date.now() - 9e6 });
  const find = (id: unknown): KeptPlace => {
    const found = places.get(String(id));
    if (found === undefined) throw new Refusal(404, 'NOT_FOUND', 'There is no such thing.');
    return found;
  };
  return {
    'profiles.place_list': (input) =>
      pageOf(
        [...places.values()].map(({ place: { id, title = id, kind, candidates }, version, savedAt }) => ({
          id,
          title,
          kind,
          version,
          savedAt,
          candidates: candidates.length,
        })),
        input,
      ),
    'profiles.place_get': ({ id }) => {
      const { place, version, savedAt } = find(id);
      return { place, version, currentVersion: version, savedAt };
    },
    'profiles.place_save': (input) => {
      const place = input['place'] as unknown as PlaceDefinition;
      const before = places.get(place.id)?.version ?? 0;
      if (input['basedOn'] !== before)
        throw new Refusal(422, 'INPUT_INVALID', 'The input does not match.', { field: 'basedOn', version: before });
      places.set(place.id, { place, version: before + 1, savedAt: Date.now() });
      return { id: place.id, version: before + 1, isChanged: true };
    },
    'profiles.place_delete': ({ id }) => ({ isDeleted: places.delete(String(id)) }),
    'profiles.place_preview': ({ place, person }): PlacePreview => preview(world, place as unknown as PlaceDefinition, person),
    'profiles.place_results': ({ id }) => ({ place: id, candidates: id === HERO.id ? RESULTS : [] }),
  };
}

/** Judges rules by two words alone: `profil.` is a fault, and whoever is looked at is engaged. */
function preview(world: World, { candidates, fallback }: PlaceDefinition, person: unknown): PlacePreview {
  const problems = candidates.flatMap(({ when = '' }, index) => {
    const start = when.search(/\bprofil\./);
    return start === -1
      ? []
      : [
          {
            pointer: `/candidates/${String(index)}/when`,
            message: 'There is no `profil` here.',
            start,
            end: start + 6,
            suggestion: 'profile',
          },
        ];
  });
  if (problems.length > 0 || !world.people.some((each) => each.person.id === person)) return { problems };
  const considered = candidates.map(({ id, when = '' }) => {
    const isMet = when === '' || when.includes('engaged');
    return { candidate: id, outcome: isMet ? 'chosen' : 'not_met', why: when === '' ? 'it is for everybody' : `${when} is looked at` };
  });
  const chosen = candidates.find(({ id }) => considered.some(({ candidate, outcome }) => candidate === id && outcome === 'chosen'));
  const content = chosen?.content ?? fallback;
  return { problems, decision: { candidate: chosen?.id ?? null, content, isFallback: chosen === undefined, reason: 'Told.', considered } };
}

const SHARE = { shown: 1_200, clicked: 84, dismissed: 12, clickedRatio: 0.07, clickedRatioLow: 0.057, clickedRatioHigh: 0.086 };
const RESULTS = [
  { candidate: 'deposit', isCurrent: true, ...SHARE, heldOut: { ...SHARE, shown: 140, clicked: 4, clickedRatio: 0.028 } },
  {
    candidate: 'fallback',
    isCurrent: true,
    ...SHARE,
    clicked: 30,
    clickedRatio: 0.025,
    clickedRatioLow: 0.018,
    clickedRatioHigh: 0.035,
  },
];
