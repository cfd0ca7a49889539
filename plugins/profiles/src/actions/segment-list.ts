import type { ActionHandler } from '@tendril/plugin-api';
import type { SegmentListInput, SegmentListOutput, Settings } from '../gen/manifest.gen.ts';
import { Catalogue } from '../segments/catalogue.ts';
import { countPeople, membersBySlot, toSegment } from '../segments/describe.ts';

/** Segments by name, with their members and how far what is being prepared is. */
export const segmentList: ActionHandler<SegmentListInput, SegmentListOutput, Settings> = async (_input, call) => {
  const [catalogue, members, people] = await Promise.all([Catalogue.load(call), membersBySlot(call), countPeople(call)]);
  const segments = catalogue.definitions().filter(({ kind }) => kind === 'segment');
  return { items: segments.map((definition) => toSegment(definition, { members, people }, catalogue, call)).toSorted(byName) };
};

function byName({ name }: { readonly name: string }, { name: other }: { readonly name: string }): number {
  return name < other ? -1 : 1;
}
