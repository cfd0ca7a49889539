import type { Settings } from '../gen/manifest.gen.ts';
import { partOf } from '../observation.ts';
import type { Values } from '../observation.ts';
import type { Reason } from '../reasons.ts';

/** A score by points: ratios that are no probabilities. */
export interface Points {
  readonly ratio: number;
  readonly fit: number;
  readonly behaviour: number;
  readonly reasons: readonly Reason[];
}

type Rule = NonNullable<Settings['points']>[number];

const MOST_POINTS = 100;

/**
 * Adds up the points of the rules that hold. Until a model knows better they order leads; points of behaviour fade.
 *
 * @param fade how much of what was done still counts, 1 to 0
 */
export function scoreByPoints(rules: readonly Rule[], values: Values, fade: number): Points {
  const held = rules.filter((rule) => holds(rule, values)).map((rule) => ({ rule, part: partOf(rule.feature) }));
  const sumOf = (part: 'fit' | 'behaviour'): number => held.reduce((sum, each) => (each.part === part ? sum + each.rule.points : sum), 0);
  const [fit, done] = [sumOf('fit'), sumOf('behaviour')];
  const faded = done > 0 ? done * fade : done;
  return {
    ratio: ratioOf(fit + faded),
    fit: ratioOf(fit),
    behaviour: ratioOf(faded),
    reasons: held
      .toSorted((a, b) => Math.abs(b.rule.points) - Math.abs(a.rule.points))
      .map(({ rule, part }) => ({
        feature: rule.feature,
        part,
        text: `${describe(rule, values)}: ${rule.points >= 0 ? '+' : '−'}${Math.abs(rule.points)} points`,
        contribution: rule.points,
      })),
  };
}

function holds({ feature, equals, atLeast, atMost }: Rule, values: Values): boolean {
  if (!Object.hasOwn(values, feature)) return false;
  const value = values[feature];
  if (equals !== undefined && value !== equals) return false;
  if (atLeast === undefined && atMost === undefined) return true;
  return typeof value === 'number' && value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity);
}

function describe({ feature }: Rule, values: Values): string {
  return `${feature.slice(feature.indexOf('.') + 1)} is ${String(values[feature])}`;
}

function ratioOf(points: number): number {
  return Math.max(0, Math.min(MOST_POINTS, points)) / MOST_POINTS;
}
