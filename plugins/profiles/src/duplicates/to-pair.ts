import type { Row } from '@tendril/plugin-api';
import type { DuplicatesOutput, DuplicatesRow } from '../gen/manifest.gen.ts';

/** A pair as actions give it. */
export function toPair({ value }: Row<DuplicatesRow>): DuplicatesOutput['items'][number] {
  const { isMergeRequested: _isMergeRequested, proposedAt, decidedAt, ...rest } = value;
  return {
    ...rest,
    proposedAt: new Date(proposedAt).toISOString(),
    ...(decidedAt !== undefined && { decidedAt: new Date(decidedAt).toISOString() }),
  };
}
