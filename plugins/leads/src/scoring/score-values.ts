import type { CurrentModel } from '../current-model.ts';
import type { Settings } from '../gen/manifest.gen.ts';
import { partOf } from '../observation.ts';
import type { Values } from '../observation.ts';
import { NO_MODEL, toReasons } from '../reasons.ts';
import type { Reason } from '../reasons.ts';
import { fadeOf } from './fade.ts';
import { scoreByPoints } from './points.ts';

/** How promising somebody is, with what says so. */
export interface Score {
  readonly probability: number;
  readonly fit: number;
  readonly behaviour: number;
  readonly reasons: readonly Reason[];
  /** 0 when no model scored. */
  readonly modelVersion: number;
  readonly isCalibrated: boolean;
}

/** What is scored. */
export interface Subject {
  readonly values: Values;
  /** Last thing that they did. */
  readonly activityAt?: number | undefined;
  readonly moment: number;
}

const MOST_REASONS_OF_POINTS = 8;

/** Whether there is anything to score by. */
export function canScore(model: CurrentModel | undefined, { points = [] }: Settings): boolean {
  return model !== undefined || points.length > 0;
}

/** Scores by the model; without one by the points of the settings; `undefined` when there is neither. */
export function scoreValues(subject: Subject, model: CurrentModel | undefined, settings: Settings): Score | undefined {
  const fade = fadeOf(subject.activityAt, subject.moment, settings);
  if (model !== undefined) return scoreByModel(subject.values, fade, model);
  if (settings.points === undefined || !canScore(model, settings)) return undefined;
  const { ratio, fit, behaviour, reasons } = scoreByPoints(settings.points, subject.values, fade);
  return {
    probability: ratio,
    fit,
    behaviour,
    reasons: [NO_MODEL_BUT_POINTS, ...reasons.slice(0, MOST_REASONS_OF_POINTS)],
    modelVersion: 0,
    isCalibrated: false,
  };
}

/** When neither a model nor points score: how often outcomes were good so far. */
export function scoreByPrior(probability: number): Score {
  return { probability, fit: 0.5, behaviour: 0.5, reasons: [NO_MODEL], modelVersion: 0, isCalibrated: false };
}

/** What speaks against a lead does not fade: nobody becomes more promising by doing nothing. */
function scoreByModel(values: Values, fade: number, model: CurrentModel): Score {
  const full = model.score(values);
  let [fit, done, lost] = [0, 0, 0];
  for (const { encoding, logOdds } of full.contributions) {
    if (partOf(encoding.feature.name) === 'fit') fit += logOdds;
    else {
      done += logOdds;
      if (logOdds > 0) lost += logOdds * (1 - fade);
    }
  }
  const { probability } = lost === 0 ? full : model.score(values, -lost);
  return {
    probability,
    fit: ratioOf(fit),
    behaviour: ratioOf(done) * fade,
    reasons: toReasons(full, fade),
    modelVersion: model.version,
    isCalibrated: true,
  };
}

/** One half for the average lead. */
function ratioOf(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}

const NO_MODEL_BUT_POINTS: Reason = {
  feature: '',
  text: 'no model is trained yet: these are points of the settings and no probability',
  contribution: 0,
};
