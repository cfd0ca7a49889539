import type { ActionHandler } from '@tendril/plugin-api';
import { findLocalFacts } from '../enrichment/local-facts.ts';
import type { EnrichLocallyInput, EnrichLocallyOutput, Settings } from '../gen/manifest.gen.ts';

/** The provider that needs no network. */
export const enrichLocally: ActionHandler<EnrichLocallyInput, EnrichLocallyOutput, Settings> = async ({ wanted, ...subject }, call) => {
  const facts = await findLocalFacts(subject, call);
  return { facts: facts.filter(({ field }) => wanted === undefined || wanted.includes(field)), costCents: 0 };
};
