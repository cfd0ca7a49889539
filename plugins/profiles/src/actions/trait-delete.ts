import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import type { Settings, TraitDeleteInput, TraitDeleteOutput } from '../gen/manifest.gen.ts';
import { awaitDefinition } from '../segments/await-definition.ts';
import { Catalogue, isThere, readersOfTrait } from '../segments/catalogue.ts';
import { definitionId } from '../segments/definition.ts';
import { TRAIT_DELETED } from '../segments/facts.ts';

/**
 * Takes a computed trait away.
 *
 * @throws TendrilError NOT_FOUND; INPUT_INVALID with `usedBy` while a segment reads it
 */
export const traitDelete: ActionHandler<TraitDeleteInput, TraitDeleteOutput, Settings> = async ({ name }, call) => {
  const catalogue = await Catalogue.load(call);
  if (catalogue.find('trait', name) === undefined) throw new TendrilError('NOT_FOUND', { field: 'name', trait: name });
  const usedBy = readersOfTrait(catalogue, name);
  if (usedBy.length > 0)
    throw new TendrilError('INPUT_INVALID', { field: 'name', reason: `segments read it: ${usedBy.join(', ')}`, usedBy });
  call.changes.emit({ name: TRAIT_DELETED, properties: { name }, discriminator: name });
  await call.changes.flush();
  return { name, isVisible: await awaitDefinition(definitionId('trait', name), (row) => row === undefined || !isThere(row), call) };
};
