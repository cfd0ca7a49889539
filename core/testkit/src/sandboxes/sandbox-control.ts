import type { Fault, FaultKind } from './faults.ts';
import type { Counts, Effect, LoggedRequest, StoredRecord } from './ledger.ts';

/** What `GET /_sandbox/status` answers. */
export interface SandboxStatus extends Counts {
  /** Objects that the service holds. */
  readonly records: number;
  /** Faults that are still to be played. */
  readonly faults: readonly Fault[];
}

/** Steers one sandbox from outside and asks what it saw. */
export interface SandboxControl {
  fault(kind: FaultKind, more?: Partial<Omit<Fault, 'kind'>>): Promise<void>;
  status(): Promise<SandboxStatus>;
  /** Newest first. */
  effects(limit?: number): Promise<readonly Effect[]>;
  /** Newest first. */
  requests(limit?: number): Promise<readonly LoggedRequest[]>;
  records(limit?: number): Promise<readonly StoredRecord[]>;
  /** Forgets everything but credentials. */
  reset(): Promise<void>;
}

/** Speaks to the `/_sandbox` addresses below a service's `url` (`apiUrl` of the mail sink). */
export function createSandboxControl(url: string): SandboxControl {
  async function ask<Body>(method: string, path: string, body?: object): Promise<Body> {
    const response = await fetch(`${url}/_sandbox/${path}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
    if (!response.ok) throw new Error(`the sandbox answered ${String(response.status)} to ${path}`);
    return (await response.json()) as Body;
  }
  const list = async <Item>(path: string, limit: number): Promise<readonly Item[]> =>
    (await ask<{ readonly items: readonly Item[] }>('GET', `${path}?limit=${String(limit)}`)).items;
  return {
    fault: (kind, more = {}) => ask('POST', 'faults', { kind, count: 1, ...more }),
    status: () => ask('GET', 'status'),
    effects: (limit = 100) => list('effects', limit),
    requests: (limit = 100) => list('requests', limit),
    records: (limit = 100) => list('records', limit),
    reset: () => ask('POST', 'reset', {}),
  };
}
