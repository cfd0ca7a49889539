import type { LeadsRow } from './gen/manifest.gen.ts';
import type { Contribution, Prediction } from './model/model.ts';
import { partOf } from './observation.ts';

/** Why a score is what it is. */
export type Reason = NonNullable<LeadsRow['reasons']>[number];

const MOST_REASONS_OF_A_PART = 4;
/** In log-odds; less than this changes a probability by about a hundredth at most. */
const SMALLEST = 0.05;

/** Made once: making one costs more than a score. */
const AMOUNT = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/** What a score without a model says. */
export const NO_MODEL: Reason = {
  feature: '',
  text: 'no model is trained yet: this is how often the outcome was good so far, or one half when none is known',
  contribution: 0,
};

/**
 * The strongest contributions of fit and of behaviour in words, strongest first; may be empty for somebody average.
 *
 * @param fade how much of what was done still counts, 1 to 0
 */
export function toReasons({ contributions }: Prediction, fade = 1): Reason[] {
  const weighed = contributions
    .map((contribution) => {
      const part = partOf(contribution.encoding.feature.name);
      const isFading = part === 'behaviour' && contribution.logOdds > 0;
      return { contribution, part, logOdds: isFading ? contribution.logOdds * fade : contribution.logOdds };
    })
    .filter(({ logOdds }) => Math.abs(logOdds) >= SMALLEST)
    .toSorted((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds));
  const best = (wanted: 'fit' | 'behaviour'): typeof weighed =>
    weighed.filter(({ part }) => part === wanted).slice(0, MOST_REASONS_OF_A_PART);
  const chosen = new Set([...best('fit'), ...best('behaviour')]);
  return weighed
    .filter((each) => chosen.has(each))
    .map(({ contribution, part, logOdds }) => ({
      feature: contribution.encoding.feature.name,
      part,
      text: `${describe(contribution)}: ${logOdds > 0 ? 'more' : 'less'} likely`,
      contribution: Math.round(logOdds * 10_000) / 10_000,
    }));
}

function describe({ encoding, cell, value }: Contribution): string {
  const { title } = encoding.feature;
  if (cell.column === encoding.missingColumn) return `${title} is not known`;
  if (encoding.as === 'levels')
    return encoding.feature.kind === 'boolean' ? `${title} is ${isYes(value) ? 'yes' : 'no'}` : `${title} is ${String(value)}`;
  const number = Number(value);
  const amount = AMOUNT.format(number);
  return `${title} of ${amount} is ${number === encoding.average ? 'average' : number > encoding.average ? 'above average' : 'below average'}`;
}

function isYes(value: unknown): boolean {
  return value === true || value === 1 || (typeof value === 'string' && /^(true|yes|1)$/i.test(value.trim()));
}
