import assert from 'node:assert/strict';
import type { Installation } from './installation.ts';
import { eventually } from './start-hub.ts';
import type { RunningHub } from './start-hub.ts';

/** Each probe is a person who does what starts a run with two effects in the outside world. */
export const PROBE_PIPELINE = `
pipeline: probe
trigger: { event: Probe }
steps:
  - id: crm
    action: salesforce.upsert_lead
    with: { externalId: "\${{ event.properties.probe }}", email: "\${{ profile.traits.email }}", lastName: Probe, company: Probe }
    retry: { attempts: 10, initial: 100ms }
  - id: mail
    action: email.send
    with: { person: "\${{ profile.id }}", subject: Probe, text: "Probe \${{ event.properties.probe }}" }
    retry: { attempts: 10, initial: 100ms }
`;

interface RunInfo {
  readonly state: string;
  readonly eventId?: string;
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string;
}

/** Sends probes and counts what came of them. */
export interface Probes {
  /** Lets the tenant send as much as it will. Call once, before the first. */
  deploy(api: RunningHub): Promise<void>;
  /** @returns how many were acknowledged; others may or may not be in the log, and are sent again with `resend` */
  send(api: RunningHub, group: string, count: number): Promise<number>;
  /** Sends again what was not acknowledged. */
  resend(api: RunningHub): Promise<void>;
  /** Waits until every run has ended; asserts that each probe started one, that all succeeded, and that each effect took place once. */
  settle(api: RunningHub, installation: Installation, withinMs?: number): Promise<void>;
}

const OVER = new Set(['succeeded', 'failed', 'stopped', 'needs_review']);
const BATCH = 20;

/** @returns a sender that has sent nothing */
export function createProbes(): Probes {
  const acknowledged = new Set<string>();
  const unsure = new Map<string, readonly object[]>();

  async function sendBatch(api: RunningHub, names: readonly string[], calls: readonly object[]): Promise<number> {
    const status = await api.send(calls).catch(() => 0);
    for (const name of names) {
      if (status === 200) {
        acknowledged.add(name);
        unsure.delete(name);
      } else unsure.set(name, callsOf(name));
    }
    return status === 200 ? names.length : 0;
  }

  return {
    async deploy(api) {
      await api.api('PUT', '/v1/governor/limits', { dailyCap: 1_000_000, dailyCapPerPerson: 1_000 });
      await api.api('POST', '/v1/pipelines', { source: PROBE_PIPELINE });
    },
    async send(api, group, count) {
      const names = Array.from({ length: count }, (_, index) => `${group}-${String(index)}`);
      let sent = 0;
      for (let at = 0; at < names.length; at += BATCH) {
        const part = names.slice(at, at + BATCH);
        sent += await sendBatch(api, part, part.flatMap(callsOf));
      }
      return sent;
    },
    async resend(api) {
      await eventually(
        async () => {
          for (const [name, calls] of [...unsure]) await sendBatch(api, [name], calls);
          return unsure.size;
        },
        (left) => left === 0,
      );
    },
    async settle(api, installation, withinMs = 60_000) {
      const runs = await eventually(
        () => all<RunInfo>(api, '/v1/runs?pipeline=probe'),
        (found) => found.length >= acknowledged.size && found.every(({ state }) => OVER.has(state)),
        withinMs,
      );
      assert.deepEqual(
        runs.filter(({ state }) => state !== 'succeeded'),
        [],
      );
      assert.deepEqual(runs.map(({ eventId }) => eventId).toSorted(), [...acknowledged].map((name) => `t-${name}`).toSorted());
      for (const effects of await installation.effects()) assert.deepEqual(effects, { keys: acknowledged.size, doubled: 0 });
    },
  };
}

function callsOf(name: string): readonly object[] {
  const userId = `user-${name}`;
  return [
    { type: 'identify', messageId: `i-${name}`, userId, traits: { email: `${name}@example.invalid`, lastName: 'Probe' } },
    { type: 'track', messageId: `t-${name}`, userId, event: 'Probe', properties: { probe: name } },
  ];
}

async function all<Item>(hub: RunningHub, path: string): Promise<readonly Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const more = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await hub.api<Page<Item>>('GET', `${path}&limit=100${more}`);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return items;
}
