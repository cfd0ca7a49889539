import { TendrilError } from '@tendril/plugin-api';
import type { Clock } from '@tendril/plugin-api';
import type { Random } from '../../environment.ts';
import type { LoadedTrigger, SourceHost } from '../../plugins/index.ts';
import { deliveryIdOf, readWebhookBody, verifyWebhook, withoutProof } from '../../webhooks/index.ts';
import type { VerificationScheme } from '../../webhooks/index.ts';
import type { WebhookAnswer, WebhookRequest } from '../contract.ts';
import { digest } from '../runs/records.ts';
import type { createItemStarts } from './source-items.ts';
import { sourceInput } from './sources.ts';
import type { Located } from './webhook-addresses.ts';

/** What pushed sources need. */
export interface PushesOptions {
  readonly host: SourceHost;
  readonly itemStarts: ReturnType<typeof createItemStarts>;
  readonly clock: Clock;
  readonly random: Random;
}

/** Takes in what came for a pipeline that a plugin's `push` trigger starts. */
export type ReceivePush = (located: Located, request: WebhookRequest) => Promise<WebhookAnswer>;

const ATTEMPTS = 5;

/** @returns how deliveries become items, and items runs */
export function createReceivePush({ host, itemStarts, clock, random }: PushesOptions): ReceivePush {
  return async ({ tenant, deployed, row }, request) => {
    const { id: tenantId } = tenant.tenant;
    const { definition } = deployed.compiled.trigger;
    const trigger = host.find(definition.source ?? '');
    const webhook = trigger?.webhook;
    if (trigger === undefined || webhook === undefined || !(await host.isEnabled(tenantId, trigger.plugin.id)))
      throw new TendrilError('NOT_FOUND');
    const scheme = schemeOf(trigger);
    if (scheme !== undefined) {
      const secret = webhook.secret === undefined ? row.secret : await host.secretOf(tenantId, trigger, definition.connection);
      const header = webhook.header === undefined ? {} : { header: webhook.header };
      verifyWebhook({ scheme, ...header }, secret, request, clock.now());
    }
    if (deployed.record.isPaused) throw new TendrilError('PIPELINE_PAUSED', { pipeline: deployed.record.id });
    const body = readWebhookBody(request.rawBody, request.headers['content-type']);
    const problems = trigger.webhookSchema?.validate(body) ?? [];
    if (problems.length > 0) throw new TendrilError('INPUT_INVALID', { in: 'body', problems });
    const deliveryId =
      webhook.deliveryId === undefined
        ? (deliveryIdOf(scheme, request.headers, body) ?? request.headers['idempotency-key'])
        : request.headers[webhook.deliveryId.toLowerCase()];
    const headers = webhook.verify === 'handler' ? request.headers : withoutProof(request.headers, webhook.header);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const { output: items, changes } = await host.push(
        tenantId,
        trigger,
        { body, headers, query: request.query, rawBody: Buffer.from(request.rawBody).toString() },
        {
          input: sourceInput(deployed),
          connectionName: definition.connection,
          isTest: deployed.record.environment !== 'production',
          idempotencyKey: `push-${digest(deliveryId ?? random.id(), 48)}`,
          attempt,
        },
      );
      const starts = await itemStarts(tenant, deployed, { trigger, items, deliveryId, requestId: request.requestId });
      const all = [...changes, ...starts.changes];
      if (all.length > 0 && !(await tenant.state.commit(all)).ok) continue;
      const [runId] = starts.runIds;
      return runId === undefined ? { kind: 'accepted' } : { kind: 'accepted', runId };
    }
    throw new TendrilError('CONFLICT', { pipeline: deployed.record.id });
  };
}

/** `undefined` when the plugin's handler verifies by itself, or nobody does: then the address is the secret. */
function schemeOf({ webhook }: LoadedTrigger): VerificationScheme | undefined {
  return webhook?.verify === 'handler' || webhook?.verify === 'none' ? undefined : webhook?.verify;
}
