import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { answerCall, contactCalls } from './calls.ts';
import type { TrackingCall } from './calls.ts';
import { readRecords } from './records.ts';
import type { BankRecord } from './records.ts';

const DAY_MS = 86_400_000;
const HISTORY_SHARE = 0.8;
const HISTORY_BATCH = 60;
/** How many history requests are under way at once. */
const HISTORY_LANES = 4;
/** So long after the contact a customer of the demo answers. */
const ANSWER_AFTER_MS = 45_000;

/** How far a replay has come. */
export interface ReplayState {
  /** Records of the history that were sent. */
  readonly history: number;
  readonly isTrained: boolean;
  /** Records sent as new leads. */
  readonly live: number;
}

/** What a replay needs. */
export interface ReplayOptions {
  readonly url: string;
  readonly writeKey: string;
  readonly secretKey: string;
  /** Where it notes how far it is, so that a restart goes on. */
  readonly stateFile: string;
  readonly leadsPerSecond: number;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
  /** How many records to use, all without it. */
  readonly limit?: number;
}

/**
 * Replays the records through the public API as an application would send them: the first four fifths as the past,
 * then the model is trained, then the rest as new leads whose answers follow. Message ids are made from the record
 * numbers, so that what is sent again after a restart counts once.
 */
export async function replay(options: ReplayOptions): Promise<void> {
  const records = readRecords().slice(0, options.limit);
  const split = Math.floor(records.length * HISTORY_SHARE);
  let state = readState(options.stateFile);
  const save = (next: ReplayState) => {
    state = next;
    writeFileSync(`${options.stateFile}.new`, JSON.stringify(state));
    renameSync(`${options.stateFile}.new`, options.stateFile);
  };
  if (state.history < split) {
    options.onProgress(
      `Replaying ${split.toLocaleString('en')} past contacts of real bank customers (names and addresses are generated) …`,
    );
    await replayHistory(records.slice(0, split), state.history, options, (history) => save({ ...state, history }));
  }
  if (!state.isTrained && !options.signal.aborted) {
    await settled(options);
    const model = await post<{ output?: { version?: number; metrics?: { auc?: number } } }>(
      options,
      '/v1/actions/leads.train',
      { input: {} },
      options.secretKey,
    );
    const auc = model.output?.metrics?.auc;
    options.onProgress(
      `The lead model is trained${auc === undefined ? '' : ` (AUC ${auc.toFixed(3)} on the last fifth by time)`}. New leads arrive now.`,
    );
    save({ ...state, isTrained: true });
  }
  await replayLive(records.slice(split), options, () => state, save);
}

/** Sends the past, dated so that its last day is the day before yesterday: too old to start a run. */
async function replayHistory(
  records: readonly BankRecord[],
  from: number,
  options: ReplayOptions,
  onDone: (count: number) => void,
): Promise<void> {
  const last = records.at(-1)?.contactedAt ?? 0;
  const shift = Math.floor(Date.now() / DAY_MS) * DAY_MS - 2 * DAY_MS - last;
  const step = HISTORY_BATCH * HISTORY_LANES;
  let lastReported = Date.now();
  for (let start = from; start < records.length && !options.signal.aborted; start += step) {
    const lanes = [];
    for (let lane = start; lane < Math.min(start + step, records.length); lane += HISTORY_BATCH) {
      const batch = records.slice(lane, lane + HISTORY_BATCH).flatMap((record, index) => {
        const at = record.contactedAt + shift + ((lane + index) % 36_000) * 1000;
        return [...contactCalls(record, at), answerCall(record, at + record.callSeconds * 1000)];
      });
      lanes.push(send(options, batch));
    }
    await Promise.all(lanes);
    onDone(Math.min(start + step, records.length));
    if (Date.now() - lastReported > 3000) {
      lastReported = Date.now();
      options.onProgress(`  ${Math.min(start + step, records.length).toLocaleString('en')} of ${records.length.toLocaleString('en')}`);
    }
  }
}

async function replayLive(
  records: readonly BankRecord[],
  options: ReplayOptions,
  state: () => ReplayState,
  save: (next: ReplayState) => void,
): Promise<void> {
  // Answers of leads that were sent before a restart are sent again; the log drops those it has.
  const pending = records
    .slice(Math.max(0, state().live - Math.ceil((options.leadsPerSecond * ANSWER_AFTER_MS) / 1000)), state().live)
    .map((record) => ({ record, dueAt: Date.now() }));
  for (let index = state().live; index < records.length || pending.length > 0; index += 1) {
    if (options.signal.aborted) return;
    const record = records[index];
    const now = Date.now();
    const due = pending.filter(({ dueAt }) => dueAt <= now);
    pending.splice(0, due.length);
    const calls = [...(record === undefined ? [] : contactCalls(record, now)), ...due.map((answer) => answerCall(answer.record, now))];
    if (record !== undefined) pending.push({ record, dueAt: now + ANSWER_AFTER_MS });
    if (calls.length > 0) await send(options, calls);
    if (record !== undefined) save({ ...state(), live: index + 1 });
    await sleep(1000 / options.leadsPerSecond, options.signal);
  }
  options.onProgress('The demo has replayed all its records.');
}

/** Waits until every follower of the log has seen what was sent. */
async function settled(options: ReplayOptions): Promise<void> {
  while (!options.signal.aborted) {
    const { items } = await request<{ items: readonly { lag: number }[] }>(options, 'GET', '/v1/consumers', undefined, options.secretKey);
    if (items.every(({ lag }) => lag === 0)) return;
    await sleep(500, options.signal);
  }
}

async function send(options: ReplayOptions, batch: readonly TrackingCall[]): Promise<void> {
  await post(options, '/v1/batch', { batch, sentAt: new Date().toISOString() }, options.writeKey);
}

async function post<Answer>(options: ReplayOptions, path: string, body: unknown, key: string): Promise<Answer> {
  return request(options, 'POST', path, body, key);
}

/** Asks until there is an answer: the hub may be busy, or may be started again. Gives up on what it refuses for good. */
async function request<Answer>(options: ReplayOptions, method: string, path: string, body: unknown, key: string): Promise<Answer> {
  for (;;) {
    options.signal.throwIfAborted();
    const response = await fetch(`${options.url}${path}`, {
      method,
      headers: { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: options.signal,
    }).catch(() => undefined);
    if (response?.ok) return (await response.json()) as Answer;
    if (response !== undefined && response.status < 500 && response.status !== 429)
      throw new Error(`${path} was refused with ${response.status}: ${await response.text()}`);
    await sleep(Number(response?.headers.get('retry-after') ?? 1) * 1000, options.signal);
  }
}

async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}

function readState(path: string): ReplayState {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as ReplayState) : { history: 0, isTrained: false, live: 0 };
}
