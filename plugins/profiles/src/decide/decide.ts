import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler, RouteHandler } from '@tendril/plugin-api';
import type { DecideAnswer, DecideBody, DecideInput, DecideOutput, Settings } from '../gen/manifest.gen.ts';
import { toExplainedAnswer, toMissing, toPlainAnswer } from './answer.ts';
import { decidePlaces } from './decide-places.ts';
import type { Question } from './decide-places.ts';

const TIMEOUT_MS = 250;

/**
 * Decides what a person sees. For those who may know the person: the answer says why.
 *
 * @throws TendrilError NOT_FOUND when the one place that was asked for does not exist
 */
export const decide: ActionHandler<DecideInput, DecideOutput, Settings> = async (input, call) => {
  const question: Question = { ...questionOf(input), timeoutMs: input.timeoutMs ?? TIMEOUT_MS };
  const decisions = await decidePlaces(question, call);
  const answers = decisions.map((decision, index) =>
    decision === undefined ? toMissing(question.places[index] ?? '') : toExplainedAnswer(decision, question),
  );
  return input.place === undefined ? { decisions: answers } : onlyOne(answers);
};

/**
 * Decides what a visitor sees, for the page itself: by its own anonymousId, without reasons, and not for messages.
 *
 * @throws TendrilError NOT_FOUND when the one place that was asked for does not exist
 */
export const decideForVisitor: RouteHandler<DecideBody, DecideAnswer, Settings> = async ({ input }, call) => {
  const question: Question = { ...questionOf(input), timeoutMs: TIMEOUT_MS, isPlain: true };
  const decisions = await decidePlaces(question, call);
  const answers = decisions.map((decision, index) =>
    decision === undefined || decision.place.compiled.definition.kind === 'message'
      ? toMissing(question.places[index] ?? '')
      : toPlainAnswer(decision),
  );
  return { body: input.place === undefined ? { decisions: answers } : onlyOne(answers) };
};

function questionOf({
  place,
  places = [],
  context = {},
  exclude = [],
  ...asked
}: Pick<DecideInput, 'person' | 'userId' | 'anonymousId' | 'place' | 'places' | 'context' | 'exclude'>): Omit<
  Question,
  'timeoutMs' | 'isPlain'
> {
  const { person, userId, anonymousId } = asked;
  return {
    ...(person !== undefined && { person }),
    ...(userId !== undefined && { userId }),
    ...(anonymousId !== undefined && { anonymousId }),
    places: place === undefined ? places : [place],
    context,
    exclude,
  };
}

function onlyOne<Answer extends { readonly place: string; readonly isMissing?: boolean }>([answer]: readonly Answer[]): Answer {
  if (answer?.isMissing !== undefined || answer === undefined)
    throw new TendrilError('NOT_FOUND', { field: 'place', place: answer?.place ?? '' });
  return answer;
}
