import type { AskParts } from './ask-parts.ts';
import type { Backfills } from './backfills.ts';
import type { AskService } from './contract.ts';
import { dryRun } from './dry-run.ts';
import { explain } from './explain.ts';
import { rehearse } from './rehearse.ts';
import { why } from './why.ts';

/** Asking the pipelines of one tenant before and after. */
export function createAskService(parts: AskParts, backfills: Backfills): AskService {
  return {
    dryRun: (pipeline, options) => dryRun(parts, pipeline, options),
    rehearse: (pipeline, options) => rehearse(parts, pipeline, options),
    explain: (person, pipeline, options = {}) => explain(parts, person, pipeline, options),
    why: (event) => why(parts, event),
    backfill: (pipeline, options) => backfills.begin(parts.tenantId, pipeline, options),
    backfills: () => backfills.list(parts.tenantId),
    cancelBackfill: (id) => backfills.cancel(parts.tenantId, id),
  };
}
