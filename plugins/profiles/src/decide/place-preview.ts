import type { ActionHandler } from '@tendril/plugin-api';
import type { PlacePreviewInput, PlacePreviewOutput, Settings } from '../gen/manifest.gen.ts';
import { toExplainedAnswer } from './answer.ts';
import { problemsOfPlace } from './check-place.ts';
import { compilePlace } from './compiled-place.ts';
import { decideOpened } from './decide-places.ts';
import type { Question } from './decide-places.ts';

const TIMEOUT_MS = 5_000;

/** Says what is wrong with a place that was not saved, and what a person would see there. Nothing is kept or counted. */
export const placePreview: ActionHandler<PlacePreviewInput, PlacePreviewOutput, Settings> = async (
  { place, person, context = {} },
  call,
) => {
  const problems = problemsOfPlace(place, call.expressions);
  if (problems.length > 0 || person === undefined) return { problems };
  const question: Question = { person, places: [place.id], context, exclude: [], timeoutMs: TIMEOUT_MS };
  const opened = { id: place.id, version: 0, compiled: compilePlace(place, call.expressions) };
  const [decision] = await decideOpened(Promise.resolve([opened]), question, call);
  if (decision === undefined) return { problems };
  const { candidate, content, isFallback, reason = '', considered = [] } = toExplainedAnswer(decision, question);
  return { problems, decision: { candidate, content, isFallback, reason, considered } };
};
