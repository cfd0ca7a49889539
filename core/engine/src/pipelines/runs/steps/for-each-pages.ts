import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';
import type { ActionStep, ForEachStep, PageSource, RetryPolicy } from '../../compiled.ts';
import { keepError } from '../kept-error.ts';
import type { Outcome } from '../outcome.ts';
import type { LoopProgress, StepRecord } from '../records.ts';
import type { Frame, StepSession } from '../step-session.ts';
import { runAction } from './action-step.ts';
import type { Elements } from './loop-elements.ts';
import { endLoop, MAX_FAILURES_TOLD, MAX_LIST_LENGTH } from './loop-result.ts';
import type { LoopResult } from './loop-result.ts';

const PAGE_RETRY: RetryPolicy = { attempts: 5, backoff: 'exponential', initialMs: 1_000, maxMs: 300_000, codes: undefined };
const NOTHING_DONE: LoopProgress = { page: 0, count: 0, failed: 0, failures: [] };

/** One page. */
interface Page {
  readonly items: readonly Json[];
  readonly next: Json | undefined;
}

/**
 * Works off page after page. When a page is done its elements are folded into counts, so that the journal of a loop over
 * a million elements stays as small as one page.
 */
export async function runPages(
  session: StepSession,
  step: ForEachStep,
  frame: Frame,
  source: PageSource,
  elements: Elements,
): Promise<Outcome> {
  for (;;) {
    const progress = session.recordOf(step, frame)?.progress ?? NOTHING_DONE;
    const pageStep = pageStepOf(step, source, progress);
    const read = await readPage(session, pageStep, frame);
    if (read.kind !== 'done') return read;
    const page = pageOf(session.recordOf(pageStep, frame)?.output, source, progress);
    if ('error' in page) return { kind: 'failed', error: page.error };
    const outcome = await elements.run(page.items, progress.count);
    if (outcome.kind !== 'done') return outcome;
    const result = fold(session, step, frame, elements, progress, page);
    if (page.next !== undefined && result.count < source.maxItems) continue;
    endLoop(session, step, frame, result);
    return outcome;
  }
}

function pageStepOf(step: ForEachStep, source: PageSource, { page, cursor }: LoopProgress): ActionStep {
  return {
    path: `${step.path}.page.${String(page)}`,
    id: undefined,
    timeoutMs: undefined,
    onTimeout: undefined,
    onError: undefined,
    compensate: undefined,
    marksPosition: false,
    kind: 'action',
    action: source.action,
    connection: source.connection,
    guard: undefined,
    input: (scope) => ({ ...source.input(scope), ...(cursor === undefined ? {} : { [source.cursorInput]: cursor }) }),
    retry: PAGE_RETRY,
    idempotencyKey: undefined,
  };
}

/** A page once read is kept until its elements are done; one that failed is read again only when the loop is tried again. */
async function readPage(session: StepSession, step: ActionStep, frame: Frame): Promise<Outcome> {
  const known = session.recordOf(step, frame);
  if (known?.state === 'succeeded') return { kind: 'done' };
  if (known?.state === 'failed') return { kind: 'failed', error: known.error ?? keepError(undefined) };
  return runAction(session, step, frame);
}

function pageOf(
  output: Json | undefined,
  source: PageSource,
  progress: LoopProgress,
): Page | { readonly error: ReturnType<typeof keepError> } {
  const items = fieldOf(output, source.itemsField);
  if (!Array.isArray(items)) return { error: wrong(source, source.itemsField, 'a list') };
  const cursor = fieldOf(output, source.cursorField);
  const next = cursor === null || cursor === '' ? undefined : cursor;
  if (next !== undefined && JSON.stringify(next) === JSON.stringify(progress.cursor))
    return { error: wrong(source, source.cursorField, 'the cursor of another page') };
  return { items: (items as readonly Json[]).slice(0, Math.max(0, source.maxItems - progress.count)), next };
}

function wrong({ action }: PageSource, field: string, expected: string): ReturnType<typeof keepError> {
  return keepError(new TendrilError('ACTION_OUTPUT_INVALID', { action, field, expected }));
}

function fieldOf(value: Json | undefined, path: string): Json | undefined {
  let found: Json | undefined = value;
  for (const name of path.split('.')) {
    if (typeof found !== 'object' || found === null || Array.isArray(found) || !Object.hasOwn(found, name)) return undefined;
    found = (found as JsonObject)[name];
  }
  return found;
}

/** In one commit: the counts of the page are added, and its rows are gone. */
function fold(session: StepSession, step: ForEachStep, frame: Frame, elements: Elements, before: LoopProgress, page: Page): LoopResult {
  const record: StepRecord = session.recordOf(step, frame) ?? session.newRecord(step, frame);
  const done = elements.resultOf(before.count, page.items.length);
  const progress: LoopProgress = {
    page: before.page + 1,
    count: before.count + done.count,
    failed: before.failed + done.failed,
    failures: [...before.failures, ...done.failures].slice(0, MAX_FAILURES_TOLD),
    ...(page.next === undefined ? {} : { cursor: page.next }),
  };
  const collected = [...(record.collected ?? []), ...done.collected].slice(0, MAX_LIST_LENGTH);
  session.journal.note({ ...record, progress, ...(step.collect === undefined ? {} : { collected }) });
  forgetPage(session, `${record.path}.`, elements.isKept);
  return { ...progress, collected };
}

function forgetPage(session: StepSession, prefix: string, areElementsKept: boolean): void {
  for (const { path } of [...session.journal.records()]) {
    if (!path.startsWith(prefix)) continue;
    const rest = path.slice(prefix.length);
    if (rest.startsWith('page.') || (!areElementsKept && /^\d+(?:\.|$)/.test(rest))) session.journal.forget(path);
  }
}
