import type { ActionHandler } from '@tendril/plugin-api';
import type { Settings, TraitSaveInput, TraitSaveOutput } from '../gen/manifest.gen.ts';
import { awaitDefinition } from '../segments/await-definition.ts';
import { Catalogue, checkDefinition } from '../segments/catalogue.ts';
import { definitionId } from '../segments/definition.ts';
import { TRAIT_DEFINED } from '../segments/facts.ts';
import { warningsOfEvent } from '../segments/warnings.ts';

/**
 * Defines a computed trait. What it asks for is a fact of the log; the consumer prepares the new version from there on.
 *
 * @throws TendrilError EXPRESSION_INVALID when the filter does not compile, INPUT_INVALID for the rest
 */
export const traitSave: ActionHandler<TraitSaveInput, TraitSaveOutput, Settings> = async (input, call) => {
  const { name, trait, title = '', description = '' } = input;
  const catalogue = await Catalogue.load(call);
  checkDefinition(catalogue, { kind: 'trait', name, trait }, call);
  const known = catalogue.find('trait', name);
  const wanted = JSON.stringify(trait);
  const isChanged = JSON.stringify((known?.next ?? known?.active)?.trait) !== wanted;
  const warnings = await warningsOfEvent(trait.event, call);
  call.changes.emit({ name: TRAIT_DEFINED, properties: { name, trait: { ...trait }, title, description }, discriminator: name });
  await call.changes.flush();
  const isVisible = await awaitDefinition(
    definitionId('trait', name),
    (row) => row?.title === title && row.description === description && JSON.stringify((row.next ?? row.active)?.trait) === wanted,
    call,
  );
  return { name, isNew: known === undefined, isChanged, isVisible, warnings };
};
