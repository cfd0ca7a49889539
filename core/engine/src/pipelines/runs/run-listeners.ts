import type { RunInfo } from '../../hub.ts';
import { toRunInfo } from '../history/run-view.ts';
import type { RunRecord } from './records.ts';

/** Tells who listens when runs of this process start, end or change state. */
export class RunListeners {
  readonly #byTenant = new Map<string, Set<(run: RunInfo) => void>>();
  readonly #byRun = new Map<string, Set<(run: RunRecord) => void>>();

  /** @returns how to stop */
  subscribe(tenantId: string, listener: (run: RunInfo) => void): () => void {
    const listeners = this.#byTenant.get(tenantId) ?? new Set();
    this.#byTenant.set(tenantId, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Calls once, at the next change of the run. @returns how to stop waiting */
  once(tenantId: string, runId: string, listener: (run: RunRecord) => void): () => void {
    const key = `${tenantId}/${runId}`;
    const listeners = this.#byRun.get(key) ?? new Set();
    this.#byRun.set(key, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#byRun.get(key) === listeners) this.#byRun.delete(key);
    };
  }

  readonly changed = (tenantId: string, run: RunRecord): void => {
    const key = `${tenantId}/${run.id}`;
    const waiting = run.state === 'running' ? undefined : this.#byRun.get(key);
    if (waiting !== undefined) {
      this.#byRun.delete(key);
      for (const listener of waiting) listener(run);
    }
    const listeners = this.#byTenant.get(tenantId);
    if (listeners === undefined || listeners.size === 0) return;
    const info = toRunInfo(run);
    for (const listener of listeners) listener(info);
  };
}
