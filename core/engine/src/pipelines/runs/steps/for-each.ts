import type { Json } from '@tendril/plugin-api';
import type { ForEachStep } from '../../compiled.ts';
import { EvaluationFault } from '../../../expressions/index.ts';
import type { Outcome } from '../outcome.ts';
import type { Frame, StepSession } from '../step-session.ts';
import { runPages } from './for-each-pages.ts';
import { Elements } from './loop-elements.ts';
import { endLoop, MAX_LIST_LENGTH } from './loop-result.ts';

/** Does steps for each element of a list, or of everything that an action gives page by page. */
export async function runForEach(session: StepSession, step: ForEachStep, frame: Frame): Promise<Outcome> {
  const elements = new Elements(session, step, frame);
  if (step.pages !== undefined) return runPages(session, step, frame, step.pages, elements);
  const items = itemsOf(session, step, frame);
  const outcome = await elements.run(items, 0);
  if (outcome.kind === 'done') endLoop(session, step, frame, elements.resultOf(0, items.length));
  return outcome;
}

/** The list, as it was when the loop began. */
function itemsOf(session: StepSession, step: ForEachStep, frame: Frame): readonly Json[] {
  const known = session.recordOf(step, frame);
  if (known?.items !== undefined) return known.items;
  const items = step.list?.(frame.scope);
  if (!Array.isArray(items)) throw fault('This is not a list.');
  if (items.length > MAX_LIST_LENGTH) throw fault(`A loop takes at most ${MAX_LIST_LENGTH.toLocaleString('en')} elements of a list.`);
  const record = known ?? session.newRecord(step, frame);
  session.journal.note({ ...record, items: items as readonly Json[] });
  return items as readonly Json[];
}

function fault(message: string): EvaluationFault {
  return new EvaluationFault('forEach', { message, start: 0, end: 0 }, false);
}
