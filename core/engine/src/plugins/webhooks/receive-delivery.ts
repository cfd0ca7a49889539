import { hash, randomUUID } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { Clock, Connection, Json, JsonObject, WebhookDelivery } from '@tendril/plugin-api';
import { HUB_PREFIX, hubEvent } from '../../events/index.ts';
import type { Change } from '../../ports.ts';
import type { OpenTenant } from '../../tenants/index.ts';
import type { ConnectionRecord, Connections } from '../../vault/index.ts';
import { deliveryIdOf, readWebhookBody, withoutProof } from '../../webhooks/index.ts';
import type { SignedRequest } from '../../webhooks/index.ts';
import type { PluginWebhookAddresses } from './addresses.ts';
import type { LoadedWebhook, PluginWebhooks } from './plugin-webhooks.ts';
import { proveSender } from './sender-proof.ts';
import { DELIVERIES } from './tables.ts';

/** A request to the address of a plugin's webhook. */
export interface DeliveryRequest extends SignedRequest {
  readonly path: string;
  readonly query: JsonObject;
  readonly requestId: string;
}

/** What receiving needs. */
export interface ReceiveDeliveryOptions {
  readonly webhooks: PluginWebhooks;
  readonly addresses: PluginWebhookAddresses;
  readonly connections: Connections;
  readonly enabled: (tenantId: string) => ReadonlySet<string> | Promise<ReadonlySet<string>>;
  readonly clock: Clock;
}

const ATTEMPTS = 5;
const MOST_AT_ONCE = 1_000;
const MOST_EVENT_BYTES = 32 * 1024;
/** Of these the sender may know what was wrong. */
const TOLD_TO_SENDERS: ReadonlySet<string> = new Set([
  'NOT_FOUND',
  'WEBHOOK_UNVERIFIED',
  'INPUT_INVALID',
  'REQUEST_MALFORMED',
  'REQUEST_TOO_LARGE',
  'EVENT_TOO_LARGE',
  'OVERLOADED',
]);

/**
 * Takes in what comes to the addresses of plugins' webhooks: when it resolves, the events are on disk. A delivery that
 * comes again under the sender's id for it is answered as the first, and nothing happens.
 *
 * @returns `throws` TendrilError NOT_FOUND, WEBHOOK_UNVERIFIED, INPUT_INVALID, EVENT_TOO_LARGE, OVERLOADED; what the handler threw, without its details
 */
export function createReceiveDelivery(options: ReceiveDeliveryOptions): (request: DeliveryRequest) => Promise<void> {
  let atOnce = 0;
  return async (request) => {
    if (atOnce >= MOST_AT_ONCE) throw new TendrilError('OVERLOADED', { retryAfterSeconds: 1 });
    atOnce += 1;
    try {
      await receive(options, request);
    } catch (error) {
      throw forSender(error);
    } finally {
      atOnce -= 1;
    }
  };
}

interface Delivery {
  readonly tenant: OpenTenant;
  readonly loaded: LoadedWebhook;
  readonly body: Json;
  readonly request: DeliveryRequest;
  readonly account: ConnectionRecord | undefined;
  /** The same for the same delivery. */
  readonly idempotencyKey: string;
}

async function receive(options: ReceiveDeliveryOptions, request: DeliveryRequest): Promise<void> {
  const { tenant, row } = await options.addresses.locate(request.path);
  const { id: tenantId } = tenant.tenant;
  const loaded = options.webhooks.find(row.plugin, row.webhook);
  if (loaded === undefined || !(await options.enabled(tenantId)).has(row.plugin)) throw new TendrilError('NOT_FOUND');
  const account = await proveSender(options.connections, tenantId, loaded, { row, request, now: options.clock.now() });
  const body = readWebhookBody(request.rawBody, request.headers['content-type']);
  assertBody(loaded, body);
  const deliveryId = idOf(loaded, request, body);
  const key = hash('sha256', [row.key, deliveryId ?? randomUUID()].join('\0'), 'hex');
  const delivery: Delivery = { tenant, loaded, body, request, account, idempotencyKey: `hook-${key.slice(0, 48)}` };
  const remembered: readonly Change[] =
    deliveryId === undefined ? [] : [{ op: 'put', table: DELIVERIES, value: { key, at: options.clock.now() }, expect: 0 }];
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    if (remembered.length > 0 && (await tenant.state.get(DELIVERIES, [key]))[0] !== undefined) return;
    const changes = [...remembered, ...(await changesFor(options, delivery, attempt))];
    if (changes.length === 0 || (await tenant.state.commit(changes)).ok) return;
  }
  throw new TendrilError('CONFLICT', { plugin: row.plugin, webhook: row.webhook });
}

async function changesFor(options: ReceiveDeliveryOptions, delivery: Delivery, attempt: number): Promise<readonly Change[]> {
  const { tenant, loaded, body, request, account, idempotencyKey } = delivery;
  if (!loaded.hasHandler) {
    const { plugin, id, webhook } = loaded;
    // The operator may have granted less than the manifest asks for.
    const { event = '' } = webhook;
    // What the hub reports nobody tells it from outside, whatever the plugin may report itself.
    if (!plugin.mayWrite(event) || event.startsWith(HUB_PREFIX))
      throw new TendrilError('PERMISSION_DENIED', { plugin: plugin.id, handler: `webhook ${id}`, event });
    return [declaredEvent(delivery, options.clock.now())];
  }
  const { id: tenantId } = tenant.tenant;
  const { verify, header } = loaded.webhook;
  const told: WebhookDelivery = {
    body,
    rawBody: Buffer.from(request.rawBody).toString(),
    headers: verify === 'handler' ? request.headers : withoutProof(request.headers, header),
    query: request.query,
  };
  const connection = account === undefined ? undefined : await openAccount(options.connections, tenantId, account);
  const { changes } = await options.webhooks.run(tenantId, loaded, told, {
    connection,
    isTest: account?.isSandbox ?? false,
    idempotencyKey,
    attempt,
    requestId: request.requestId,
  });
  return changes;
}

/** What the delivery says, under the name that the manifest gives it. */
function declaredEvent({ loaded, body, account, request, idempotencyKey }: Delivery, now: number): Change {
  const { plugin, id, webhook } = loaded;
  const properties = propertiesOf(body);
  if (Buffer.byteLength(JSON.stringify(properties)) > MOST_EVENT_BYTES)
    throw new TendrilError('EVENT_TOO_LARGE', { limitBytes: MOST_EVENT_BYTES });
  const event = hubEvent({
    name: webhook.event ?? '',
    cause: `${plugin.id}/webhook ${id}/${idempotencyKey}`,
    occurredAt: now,
    isTest: account?.isSandbox ?? false,
    properties,
    requestId: request.requestId,
  });
  return { op: 'emit', event };
}

function assertBody({ plugin, webhook, schema, hasHandler }: LoadedWebhook, body: Json): void {
  const declared = hasHandler ? undefined : plugin.schemas.events.get(webhook.event ?? '');
  const problems = [...(schema?.validate(body) ?? []), ...(declared?.validate(propertiesOf(body)) ?? [])];
  if (problems.length > 0) throw new TendrilError('INPUT_INVALID', { in: 'body', problems });
}

function idOf({ webhook }: LoadedWebhook, request: DeliveryRequest, body: Json): string | undefined {
  const scheme = webhook.verify === 'handler' || webhook.verify === 'none' ? undefined : webhook.verify;
  const id =
    webhook.deliveryId === undefined
      ? (deliveryIdOf(scheme, request.headers, body) ?? request.headers['idempotency-key'])
      : request.headers[webhook.deliveryId.toLowerCase()];
  return id === '' ? undefined : id;
}

function propertiesOf(body: Json): JsonObject {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as JsonObject) : { body };
}

async function openAccount(connections: Connections, tenantId: string, { name }: ConnectionRecord): Promise<Connection> {
  const { kind, isSandbox, values } = await connections.fresh(tenantId, name);
  return { name, kind, isSandbox, values };
}

/** How a plugin failed is for those who look after it. */
function forSender(error: unknown): unknown {
  if (!TendrilError.is(error) || TOLD_TO_SENDERS.has(error.code)) return error;
  const { retryAfterMs } = error.details;
  return new TendrilError(error.code, retryAfterMs === undefined ? {} : { retryAfterMs }, { cause: error });
}
