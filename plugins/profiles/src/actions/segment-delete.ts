import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import type { SegmentDeleteInput, SegmentDeleteOutput, Settings } from '../gen/manifest.gen.ts';
import { awaitDefinition } from '../segments/await-definition.ts';
import { Catalogue, dependantsOf } from '../segments/catalogue.ts';
import { definitionId } from '../segments/definition.ts';
import { SEGMENT_DELETED } from '../segments/facts.ts';

/**
 * Takes a segment away; nobody is reported to have left it.
 *
 * @throws TendrilError NOT_FOUND; INPUT_INVALID with `usedBy` while another segment refers to it
 */
export const segmentDelete: ActionHandler<SegmentDeleteInput, SegmentDeleteOutput, Settings> = async ({ name }, call) => {
  const catalogue = await Catalogue.load(call);
  if (catalogue.find('segment', name) === undefined) throw new TendrilError('NOT_FOUND', { field: 'name', segment: name });
  const usedBy = dependantsOf(catalogue, name);
  if (usedBy.length > 0)
    throw new TendrilError('INPUT_INVALID', { field: 'name', reason: `other segments refer to it: ${usedBy.join(', ')}`, usedBy });
  call.changes.emit({ name: SEGMENT_DELETED, properties: { name }, discriminator: name });
  await call.changes.flush();
  return { name, isVisible: await awaitDefinition(definitionId('segment', name), (row) => row === undefined, call) };
};
