import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import type { Settings, TraitSaveInput, TraitSaveOutput } from '../gen/manifest.gen.ts';
import { loadIdentityRules } from '../identity-rules.ts';
import { awaitDefinition } from '../segments/await-definition.ts';
import { Catalogue, checkDefinition } from '../segments/catalogue.ts';
import { definitionId } from '../segments/definition.ts';
import { TRAIT_DEFINED } from '../segments/facts.ts';
import { warningsOfEvent, warningsOfTrait } from '../segments/warnings.ts';

/**
 * Defines a computed trait. What it asks for is a fact of the log; the consumer prepares the new version from there on.
 *
 * @throws TendrilError EXPRESSION_INVALID when the filter does not compile, INPUT_INVALID for the rest
 */
export const traitSave: ActionHandler<TraitSaveInput, TraitSaveOutput, Settings> = async (input, call) => {
  const { name, trait, title = '', description = '' } = input;
  const catalogue = await Catalogue.load(call);
  checkDefinition(catalogue, { kind: 'trait', name, trait }, call);
  await checkName(name, call.settings);
  const known = catalogue.find('trait', name);
  const wanted = JSON.stringify(trait);
  const isChanged = JSON.stringify((known?.next ?? known?.active)?.trait) !== wanted;
  const warnings = (await Promise.all([warningsOfTrait(name, call), warningsOfEvent(trait.event, call)])).flat();
  call.changes.emit({ name: TRAIT_DEFINED, properties: { name, trait: { ...trait }, title, description }, discriminator: name });
  await call.changes.flush();
  const isVisible = await awaitDefinition(
    definitionId('trait', name),
    (row) => row?.title === title && row.description === description && JSON.stringify((row.next ?? row.active)?.trait) === wanted,
    call,
  );
  return { name, isNew: known === undefined, isChanged, isVisible, warnings };
};

/** A computed trait stands before what people state: where that says who they are, nobody could be written to any more. */
async function checkName(name: string, settings: Settings): Promise<void> {
  const { rules } = await loadIdentityRules(settings);
  if (rules.some(({ path: [root, trait] }) => root === 'traits' && trait === name))
    throw new TendrilError('INPUT_INVALID', {
      field: 'name',
      reason: `\`${name}\` says who people are; give the computed trait another name`,
    });
}
