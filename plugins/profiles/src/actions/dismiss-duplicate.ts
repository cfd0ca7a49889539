import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import { DUPLICATE_DISMISSED } from '../duplicates/dismissals.ts';
import { Proposals } from '../duplicates/proposals.ts';
import type { DismissDuplicateInput, DismissDuplicateOutput, Settings } from '../gen/manifest.gen.ts';

/**
 * Says that the two of a proposed pair are two. They are not proposed again, nor merged by rule. It is a fact of the log, so that a replay knows it.
 *
 * @throws TendrilError NOT_FOUND when there is no such pair
 * @throws TendrilError INPUT_INVALID when both are one person by now: that is for `profiles.unmerge`
 */
export const dismissDuplicate: ActionHandler<DismissDuplicateInput, DismissDuplicateOutput, Settings> = async ({ id, reason }, call) => {
  const proposals = new Proposals(call);
  await proposals.load([id]);
  const pair = proposals.get(id);
  if (pair === undefined) throw new TendrilError('NOT_FOUND', { field: 'id', pair: id });
  if (pair.state === 'merged') {
    throw new TendrilError('INPUT_INVALID', {
      field: 'id',
      reason: 'The two are one person by now. Call profiles.unmerge to make them two again.',
    });
  }
  if (pair.state !== 'dismissed') {
    const { left, right } = pair;
    proposals.dismiss([left, right], reason);
    proposals.write();
    call.changes.emit({
      name: DUPLICATE_DISMISSED,
      discriminator: id,
      properties: { left, right, ...(reason !== undefined && { reason }) },
    });
  }
  return { id, state: 'dismissed' };
};
