import type { ActionHandler } from '@tendril/plugin-api';
import type { SegmentSaveInput, SegmentSaveOutput, Settings } from '../gen/manifest.gen.ts';
import { awaitDefinition } from '../segments/await-definition.ts';
import { Catalogue, checkDefinition } from '../segments/catalogue.ts';
import { checkFields } from '../segments/check-fields.ts';
import { compileCondition } from '../segments/condition.ts';
import { definitionId } from '../segments/definition.ts';
import { SEGMENT_DEFINED } from '../segments/facts.ts';
import { warningsOf } from '../segments/warnings.ts';

/**
 * Defines a segment. What it asks for is a fact of the log; the consumer prepares the new version from there on.
 *
 * @throws TendrilError EXPRESSION_INVALID with the place in the condition, also where segments go round in circles
 * @throws TendrilError INPUT_INVALID when there is no room for more
 */
export const segmentSave: ActionHandler<SegmentSaveInput, SegmentSaveOutput, Settings> = async (input, call) => {
  const { name, condition, title = '', description = '', announce = false } = input;
  const catalogue = await Catalogue.load(call);
  checkDefinition(catalogue, { kind: 'segment', name, condition }, call);
  const known = catalogue.find('segment', name);
  const isChanged = (known?.next ?? known?.active)?.condition !== condition;
  const compiled = compileCondition(condition, call.expressions);
  checkFields(compiled);
  const warnings = await warningsOf(compiled, catalogue, call);
  call.changes.emit({ name: SEGMENT_DEFINED, properties: { name, condition, title, description, announce }, discriminator: name });
  await call.changes.flush();
  const isVisible = await awaitDefinition(
    definitionId('segment', name),
    (row) => row?.title === title && row.description === description && (row.next ?? row.active)?.condition === condition,
    call,
  );
  return { name, isNew: known === undefined, isChanged, isVisible, warnings };
};
