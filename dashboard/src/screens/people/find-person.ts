import { peopleApi } from '../../api/customers/people.ts';
import type { Identification, Profile } from '../../api/customers/people.ts';
import { toApiProblem } from '../../api/api-problem.ts';

/** As what a typed text may be looked up, the most likely first. */
function readSearch(typed: string): readonly Identification[] {
  const text = typed.trim();
  if (text === '') return [];
  if (text.includes('@')) return [{ email: text }, { userId: text }];
  if (/^\+?[\d\s()./-]{6,}$/.test(text)) return [{ phone: text }, { userId: text }];
  return [{ userId: text }, { anonymousId: text }];
}

/** Finds a person by address, number, user id, anonymous id or Tendril's own id. */
export async function findPerson(typed: string, signal?: AbortSignal): Promise<Profile | undefined> {
  for (const known of readSearch(typed)) {
    const found = await unlessMissing(() => peopleApi.find(known, signal));
    if (found !== undefined) return found;
  }
  return unlessMissing(() => peopleApi.get(typed.trim(), signal));
}

async function unlessMissing(look: () => Promise<Profile | undefined>): Promise<Profile | undefined> {
  try {
    return await look();
  } catch (thrown) {
    const problem = toApiProblem(thrown);
    // What was typed need not be of the form that is looked for: a text is no phone number.
    if (problem.status === 404 || problem.code === 'INPUT_INVALID') return undefined;
    throw thrown;
  }
}
