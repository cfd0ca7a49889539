import { TendrilError } from '@tendril/plugin-api';
import type { AskParts } from './ask-parts.ts';
import type { Backfills } from './backfills.ts';
import type { AskService } from './contract.ts';
import { dryRun } from './dry-run.ts';
import { explain } from './explain.ts';
import { rehearse } from './rehearse.ts';
import { why } from './why.ts';

/** So many worlds are played, or logs counted through, for one tenant at a time, in one process. */
const MOST_AT_ONCE = 3;
const RETRY_AFTER_SECONDS = 5;

/** Asking the pipelines of one tenant before and after. */
export function createAskService(parts: AskParts, backfills: Backfills): AskService {
  let atOnce = 0;
  const bounded = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    if (atOnce >= MOST_AT_ONCE) throw new TendrilError('OVERLOADED', { limit: MOST_AT_ONCE, retryAfterSeconds: RETRY_AFTER_SECONDS });
    atOnce += 1;
    try {
      return await ask();
    } finally {
      atOnce -= 1;
    }
  };
  return {
    dryRun: (pipeline, options) => bounded(() => dryRun(parts, pipeline, options)),
    rehearse: (pipeline, options) => bounded(() => rehearse(parts, pipeline, options)),
    explain: (person, pipeline, options = {}) => explain(parts, person, pipeline, options),
    why: (event) => why(parts, event),
    backfill: (pipeline, options) => {
      const begin = (): ReturnType<AskService['backfill']> => backfills.begin(parts.tenantId, pipeline, options);
      return options.isDry === true ? bounded(begin) : begin();
    },
    backfills: () => backfills.list(parts.tenantId),
    cancelBackfill: (id) => backfills.cancel(parts.tenantId, id),
  };
}
