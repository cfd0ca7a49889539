import type { RunningHub } from '../support/start-hub.ts';

/** Name of the event that starts the pipeline. */
export const ADMITTED_PROBE = 'Fault Probe';
const QUARANTINED_PROBE = 'Quarantined Probe';

/** One action of each kind of idempotency: by key, natural, checked, none; and a wait between. */
export const PIPELINE = `
pipeline: fault_probe
trigger: { event: ${ADMITTED_PROBE} }
steps:
  - id: mail
    action: email.send
    with: { person: "\${{ profile.id }}", subject: Probe, text: "Probe \${{ event.properties.probe }}" }
  - id: crm
    action: salesforce.upsert_lead
    with: { externalId: "\${{ event.properties.probe }}", email: "\${{ event.properties.email }}", lastName: Probe, company: Probe }
  - wait: 1s
  - id: line
    action: ledger.append
    with: { book: "\${{ event.properties.book }}", line: "\${{ event.properties.probe }}" }
  - id: forward
    action: segment.track
    with: { userId: "\${{ event.properties.probe }}", event: Probe Forwarded }
`;

/** What is sent to a hub that may die at any moment, and what it has said yes to. */
export interface Load {
  /** Message ids that the hub acknowledged, with the names of their events. */
  readonly acknowledged: ReadonlyMap<string, string>;
  /** Runs that the hub answered calls of actions with. */
  readonly called: readonly string[];
  run(hub: RunningHub, round: number, isOver: () => boolean): Promise<void>;
}

const BATCHES = 4;

/** @param book address that the pipeline writes lines to */
export function createLoad(book: string): Load {
  const acknowledged = new Map<string, string>();
  const called: string[] = [];

  async function sendBatch(hub: RunningHub, name: string): Promise<void> {
    const calls = [0, 1].flatMap((index) => probeCalls(`${name}-${index}`, book));
    const status = await hub.send(calls).catch(() => 0);
    if (status !== 200) return;
    for (const call of calls) acknowledged.set(call.messageId, call.event ?? call.type);
  }

  async function callAction(hub: RunningHub, name: string): Promise<void> {
    const input = { externalId: `call-${name}`, email: `call-${name}@example.invalid`, lastName: 'Called', company: 'Probe' };
    const answer = await hub
      .api<{ runId?: string }>('POST', '/v1/actions/salesforce.upsert_lead', { input }, { 'idempotency-key': name })
      .catch(() => undefined);
    if (answer?.runId !== undefined) called.push(answer.runId);
  }

  /** Sets an event aside by a schema, opens its name again and lets it in. */
  async function quarantine(hub: RunningHub, name: string): Promise<void> {
    const messageId = `q-${name}`;
    try {
      await hub.api('PUT', `/v1/schemas/${encodeURIComponent(QUARANTINED_PROBE)}`, { schema: { type: 'object', required: ['never'] } });
      const status = await hub.send([{ type: 'track', messageId, userId: `user-${name}`, event: QUARANTINED_PROBE }]);
      if (status === 200) acknowledged.set(messageId, QUARANTINED_PROBE);
      await hub.api('DELETE', `/v1/schemas/${encodeURIComponent(QUARANTINED_PROBE)}`);
      await hub.api('POST', '/v1/events/quarantine/replay', {});
    } catch {
      // It died meanwhile: what was acknowledged is let in at the end.
    }
  }

  return {
    acknowledged,
    called,
    async run(hub, round, isOver) {
      const lanes = [0, 1, 2].map(async (lane) => {
        for (let batch = 0; !isOver() && batch < BATCHES; batch += 1) await sendBatch(hub, `${round}-${lane}-${batch}`);
      });
      const calls = (async () => {
        for (let call = 0; !isOver() && call < BATCHES; call += 1) await callAction(hub, `${round}-${call}`);
      })();
      await Promise.all([...lanes, calls, quarantine(hub, String(round))]);
    },
  };
}

interface ProbeCall {
  readonly type: string;
  readonly messageId: string;
  readonly event?: string;
}

function probeCalls(probe: string, book: string): readonly ProbeCall[] {
  const email = `probe-${probe}@example.invalid`;
  const userId = `user-${probe}`;
  return [
    { type: 'identify', messageId: `i-${probe}`, userId, traits: { email, lastName: 'Probe' } } as ProbeCall,
    { type: 'track', messageId: `t-${probe}`, userId, event: ADMITTED_PROBE, properties: { probe, email, book } } as ProbeCall,
  ];
}
