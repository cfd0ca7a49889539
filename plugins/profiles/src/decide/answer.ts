import type { DecideAnswer, DecideOutput } from '../gen/manifest.gen.ts';
import type { Decision, Question } from './decide-places.ts';
import { nameOf } from './person-facts.ts';

/** One decision as a browser gets it: content, and nothing of why. */
export type PlainAnswer = NonNullable<DecideAnswer['decisions']>[number];
/** One decision as the application's server gets it. */
export type ExplainedAnswer = NonNullable<DecideOutput['decisions']>[number];

/** What a place shows, without anything that is known of the person. */
export function toPlainAnswer({ id, place, choice: { candidate } }: Decision): PlainAnswer {
  return {
    decision: id,
    place: place.id,
    version: place.version,
    candidate: candidate?.definition.id ?? null,
    content: candidate?.definition.content ?? place.compiled.definition.fallback,
    isFallback: candidate === undefined,
  };
}

/** The same with the reasons, which hold values of the profile. */
export function toExplainedAnswer(decision: Decision, question: Question): ExplainedAnswer {
  const considered = decision.choice.considered.map(({ candidate, outcome, why }) => ({
    candidate: candidate.definition.id,
    outcome,
    why: why(),
  }));
  return { ...toPlainAnswer(decision), reason: reasonOf(decision, considered, question), considered };
}

/** In place of a decision for a place that there is not, where others were asked for, too. */
export function toMissing(place: string): ExplainedAnswer {
  return { place, candidate: null, content: {}, isFallback: true, isMissing: true };
}

function reasonOf(decision: Decision, considered: NonNullable<ExplainedAnswer['considered']>, question: Question): string {
  const { unsure, choice } = decision;
  if (unsure === 'nobody') return `The fallback: nobody is known as ${nameOf(question)}.`;
  if (unsure === 'late') return `The fallback: the person could not be read within ${String(question.timeoutMs)} ms.`;
  const told = (all: typeof considered): string => all.map(({ candidate, why }) => `"${candidate}": ${why}`).join('; ');
  const taken = considered.find(({ outcome }) => outcome === 'chosen' || outcome === 'held_out');
  const others = considered.filter((one) => one !== taken);
  if (taken === undefined)
    return others.length === 0 ? 'The fallback: there are no candidates.' : `The fallback, since nothing fits. ${told(others)}.`;
  const head = choice.isHoldout ? `The fallback in place of ${told([taken])}.` : `${told([taken])}.`;
  return others.length === 0 ? head : `${head} Not ${told(others)}.`;
}
