import type { LeadsRow } from './gen/manifest.gen.ts';
import type { Contribution, Prediction } from './model/model.ts';

/** Why a score is what it is. */
export type Reason = NonNullable<LeadsRow['reasons']>[number];

const MOST_REASONS = 5;
/** In log-odds; less than this changes a probability by about a hundredth at most. */
const SMALLEST = 0.05;

/** What a score without a model says. */
export const NO_MODEL: Reason = {
  feature: '',
  text: 'no model is trained yet: this is how often the outcome was good so far, or one half when none is known',
  contribution: 0,
};

/** The strongest contributions in words, strongest first; may be empty for somebody average. */
export function toReasons({ contributions }: Prediction): Reason[] {
  return contributions
    .filter(({ logOdds }) => Math.abs(logOdds) >= SMALLEST)
    .toSorted((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds))
    .slice(0, MOST_REASONS)
    .map((contribution) => ({
      feature: contribution.encoding.feature.name,
      text: `${describe(contribution)}: ${contribution.logOdds > 0 ? 'more' : 'less'} likely`,
      contribution: Math.round(contribution.logOdds * 10_000) / 10_000,
    }));
}

function describe({ encoding, cell, value }: Contribution): string {
  const { title } = encoding.feature;
  if (cell.column === encoding.missingColumn) return `${title} is not known`;
  if (encoding.as === 'levels')
    return encoding.feature.kind === 'boolean' ? `${title} is ${isYes(value) ? 'yes' : 'no'}` : `${title} is ${String(value)}`;
  const number = Number(value);
  const amount = number.toLocaleString('en', { maximumFractionDigits: 2 });
  return `${title} of ${amount} is ${number === encoding.average ? 'average' : number > encoding.average ? 'above average' : 'below average'}`;
}

function isYes(value: unknown): boolean {
  return value === true || value === 1 || (typeof value === 'string' && /^(true|yes|1)$/i.test(value.trim()));
}
