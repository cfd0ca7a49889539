import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import { loadLead } from '../book/load-lead.ts';
import type { SetStageInput, SetStageOutput, Settings } from '../gen/manifest.gen.ts';
import { identitiesOf, settleLeads } from '../scoring/settle-leads.ts';
import { moveLead } from '../stages/move-lead.ts';
import { StageRules } from '../stages/stage-rules.ts';

/**
 * Puts a lead into a stage, or out of all, by a person's word: rules leave it alone from then on unless they override.
 * With `release` the rules decide again.
 *
 * @throws TendrilError NOT_FOUND when there is no such lead or stage; INPUT_INVALID when no stage is named
 */
export const setStage: ActionHandler<SetStageInput, SetStageOutput, Settings> = async ({ id, stage, reason, release = false }, call) => {
  const { book, lead } = await loadLead(id, call);
  const at = call.clock.now();
  if (release) {
    book.state(lead.id, 'stage', { isStageByHand: false });
    await settleLeads([{ id: lead.id, moment: at }], book, call);
  } else {
    if (stage === undefined) throw new TendrilError('INPUT_INVALID', { field: 'stage', reason: 'name a stage, or null for none' });
    const rules = new StageRules(call);
    if (stage !== null && rules.rankOf(stage) < 0)
      throw new TendrilError('NOT_FOUND', { field: 'stage', stages: rules.stages.map(({ name }) => name) });
    const wanted = stage ?? undefined;
    // Said again, it is said already.
    if (lead.isStageByHand !== true || lead.stage !== wanted) {
      const isRise = rules.rankOf(wanted) > rules.rankOf(lead.stage);
      moveLead(book, lead, { stage: wanted, by: 'person', reasons: [reason], at, isRise }, identitiesOf(book.peopleOf(lead.person)), call);
      await settleLeads([{ id: lead.id, moment: at }], book, call);
    }
  }
  book.write(call);
  const after = book.headOf(lead.id);
  return { id: lead.id, stage: after?.stage ?? null, isStageByHand: after?.isStageByHand === true };
};
