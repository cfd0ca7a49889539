import { useSyncExternalStore } from 'react';
import { toApiProblem } from '../../api/api-problem.ts';
import type { ApiProblem } from '../../api/api-problem.ts';
import { importsApi } from '../../api/customers/imports.ts';
import type { Import } from '../../api/customers/imports.ts';
import { readRows } from '../../csv/csv-file.ts';
import type { CsvShape } from '../../csv/csv-file.ts';
import { sendRows } from './send-rows.ts';

/** A file on its way into the hub. */
export interface ImportRun {
  readonly state: 'sending' | 'stopped' | 'failed' | 'done';
  readonly rows: number;
  readonly readBytes: number;
  readonly sizeBytes: number;
  readonly rowsPerSecond: number | undefined;
  readonly remainingMs: number | undefined;
  /** Why it waits or has failed. */
  readonly problem: ApiProblem | undefined;
}

const RATE_OVER_MS = 15_000;

const runs = new Map<string, ImportRun>();
const aborts = new Map<string, AbortController>();
const listeners = new Set<() => void>();

/** The sending of an import in this tab, which goes on while one looks at other screens. */
export function useImportRun(id: string): ImportRun | undefined {
  return useSyncExternalStore(subscribe, () => runs.get(id));
}

/** Sends a file from the first row that has not come. Does nothing while it is being sent already. */
export function startImport(of: Import, file: File, shape: CsvShape): void {
  if (runs.get(of.id)?.state === 'sending') return;
  const abort = new AbortController();
  aborts.set(of.id, abort);
  set(of.id, {
    state: 'sending',
    rows: of.nextRow - 1,
    readBytes: 0,
    sizeBytes: file.size,
    rowsPerSecond: undefined,
    remainingMs: undefined,
    problem: undefined,
  });
  window.addEventListener('beforeunload', askToStay);
  void send(of, file, shape, abort.signal).finally(() => {
    aborts.delete(of.id);
    if (aborts.size === 0) window.removeEventListener('beforeunload', askToStay);
  });
}

/** Stops the sending; it can go on later. */
export function stopImport(id: string): void {
  aborts.get(id)?.abort();
}

async function send(of: Import, file: File, shape: CsvShape, signal: AbortSignal): Promise<void> {
  const pace = new Pace();
  try {
    await sendRows({
      pieces: readRows(file, shape),
      nextRow: of.nextRow,
      send: (first, rows) => importsApi.sendRows(of.id, first, rows, signal),
      onSent: (sent) => {
        const before = runs.get(of.id);
        if (before === undefined) return;
        // Several calls are on their way at once: answers may come in another order.
        const [rows, readBytes] = [Math.max(before.rows, sent.rows), Math.max(before.readBytes, sent.readBytes)];
        set(of.id, { ...before, ...pace.note(rows, readBytes, file.size), rows, readBytes });
      },
      onHindered: (problem) => change(of.id, { problem }),
      pause: (ms) => waitFor(ms, signal),
      signal,
    });
    const finished = await importsApi.finish(of.id);
    change(of.id, {
      state: 'done',
      readBytes: file.size,
      rows: finished.rows.seen,
      problem: undefined,
    });
  } catch (thrown) {
    change(of.id, signal.aborted ? { state: 'stopped', problem: undefined } : { state: 'failed', problem: toApiProblem(thrown) });
  }
}

/** Rows a second and the time that is left, from the last seconds. */
class Pace {
  #marks: { readonly at: number; readonly rows: number; readonly bytes: number }[] = [];

  note(rows: number, bytes: number, allBytes: number): Pick<ImportRun, 'rowsPerSecond' | 'remainingMs'> {
    const now = performance.now();
    this.#marks.push({ at: now, rows, bytes });
    this.#marks = this.#marks.filter(({ at }) => at > now - RATE_OVER_MS);
    const [first] = this.#marks;
    const last = this.#marks.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < 400) return { rowsPerSecond: undefined, remainingMs: undefined };
    const ms = last.at - first.at;
    const bytesPerMs = (last.bytes - first.bytes) / ms;
    return {
      rowsPerSecond: ((last.rows - first.rows) / ms) * 1_000,
      remainingMs: bytesPerMs > 0 ? (allBytes - bytes) / bytesPerMs : undefined,
    };
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function set(id: string, run: ImportRun): void {
  runs.set(id, run);
  for (const listener of listeners) listener();
}

function change(id: string, parts: Partial<ImportRun>): void {
  const before = runs.get(id);
  if (before !== undefined) set(id, { ...before, ...parts });
}

function askToStay(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
