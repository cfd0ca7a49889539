import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { Random, Timers } from '../../environment.ts';
import type { Change } from '../../ports.ts';
import type { OpenTenant } from '../../tenants/contract.ts';
import { deliveryIdOf, readWebhookBody, verifyWebhook, withoutProof } from '../../webhooks/index.ts';
import type { Verification } from '../../webhooks/index.ts';
import type { WebhookAnswer, WebhookReceiver, WebhookRequest } from '../contract.ts';
import type { Deployed } from '../deployments.ts';
import type { WebhookDefinition } from '../definition.ts';
import { optionalDuration, parseDuration } from '../duration.ts';
import { digest, newRunId } from '../runs/records.ts';
import type { RunRecord } from '../runs/records.ts';
import type { RunListeners } from '../runs/run-listeners.ts';
import type { RunStarter } from '../runs/start-run.ts';
import { CALLS } from '../tables.ts';
import { assertMatches } from './check-input.ts';
import type { PrepareStarts } from './prepare-starts.ts';
import type { ReceivePush } from './pushes.ts';
import { awaitRunEnd } from './run-end.ts';
import type { Located, WebhookAddresses } from './webhook-addresses.ts';

/** What receiving needs. */
export interface WebhooksOptions {
  readonly addresses: WebhookAddresses;
  readonly prepare: PrepareStarts;
  readonly starter: RunStarter;
  /** Takes in what is for sources of plugins. */
  readonly push: ReceivePush | undefined;
  readonly listeners: RunListeners;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
}

const START_ATTEMPTS = 5;
const DEFAULT_ANSWER_MS = 30_000;
const LONGEST_ANSWER_MS = 120_000;
/** So many requests at once are taken in and waited for, in one process. */
const MOST_AT_ONCE = 5_000;

/** What came in, read. */
interface Delivery {
  readonly request: WebhookRequest;
  readonly input: JsonObject;
  /** The same when the delivery is repeated. */
  readonly id: string | undefined;
}

/** @returns the receiver of the addresses of pipelines that have a webhook of their own */
export function createWebhookReceiver(options: WebhooksOptions): WebhookReceiver {
  let atOnce = 0;
  return {
    receive: async (request) => {
      if (atOnce >= MOST_AT_ONCE) throw new TendrilError('OVERLOADED', { retryAfterSeconds: 1 });
      atOnce += 1;
      try {
        return await receive(options, request);
      } finally {
        atOnce -= 1;
      }
    },
  };
}

async function receive(options: WebhooksOptions, request: WebhookRequest): Promise<WebhookAnswer> {
  const located = await options.addresses.locate(request.path);
  if (located.deployed.compiled.trigger.kind === 'source') {
    if (options.push === undefined) throw new TendrilError('NOT_FOUND');
    return options.push(located, request);
  }
  const webhook = located.deployed.compiled.trigger.definition.webhook ?? {};
  if (webhook.verify !== undefined) verifyWebhook(verificationOf(webhook.verify), located.row.secret, request, options.clock.now());
  const { record } = located.deployed;
  if (record.isPaused) throw new TendrilError('PIPELINE_PAUSED', { pipeline: record.id });
  const delivery = readDelivery(webhook, located.deployed, request);
  for (let attempt = 1; attempt <= START_ATTEMPTS; attempt += 1) {
    const answer = (await answerRepeated(options, located, webhook, delivery)) ?? (await startFor(options, located, webhook, delivery));
    if (answer !== undefined) return answer;
  }
  throw new TendrilError('CONFLICT', { pipeline: record.id });
}

function readDelivery(webhook: WebhookDefinition, { compiled }: Deployed, request: WebhookRequest): Delivery {
  const body = readWebhookBody(request.rawBody, request.headers['content-type']);
  assertMatches(webhook.schema, body, 'body');
  const input: JsonObject = { body, headers: withoutProof(request.headers, webhook.verify?.header), query: request.query };
  assertMatches(compiled.inputSchema, input, 'input');
  const { verify, idempotencyHeader } = webhook;
  const id =
    idempotencyHeader === undefined
      ? (deliveryIdOf(verify?.scheme, request.headers, body) ?? request.headers['idempotency-key'])
      : request.headers[idempotencyHeader.toLowerCase()];
  return { request, input, id: id === '' ? undefined : id };
}

function verificationOf({ scheme, header, tolerance }: NonNullable<WebhookDefinition['verify']>): Verification {
  const toleranceMs = optionalDuration(tolerance);
  return { scheme, ...(header !== undefined && { header }), ...(toleranceMs !== undefined && { toleranceMs }) };
}

function callKey({ row }: Located, id: string): string {
  return digest(['hook', row.key, id].join('\0'), 64);
}

/** A repeated delivery is answered as the first, and starts nothing. */
async function answerRepeated(
  options: WebhooksOptions,
  located: Located,
  webhook: WebhookDefinition,
  { id }: Delivery,
): Promise<WebhookAnswer | undefined> {
  if (id === undefined) return undefined;
  const [row] = await located.tenant.state.get(CALLS, [callKey(located, id)]);
  if (row === undefined) return undefined;
  const runId = row.value['runId'] as string;
  return webhook.answer === 'result' ? answerWithResult(options, located.tenant, webhook, runId) : { kind: 'accepted', runId };
}

/** @returns nothing when somebody was quicker: it has to be looked at again */
async function startFor(
  options: WebhooksOptions,
  located: Located,
  webhook: WebhookDefinition,
  { request, input, id }: Delivery,
): Promise<WebhookAnswer | undefined> {
  const { prepare, starter, random, clock } = options;
  const { tenant, deployed } = located;
  const now = clock.now();
  const start = {
    id: newRunId(now, random.id()),
    startedAt: now,
    isTest: deployed.record.environment !== 'production',
    input,
    requestId: request.requestId,
  };
  const { runs, changes, refused } = await prepare(tenant, deployed, [start]);
  const [run] = runs;
  if (run === undefined) return { kind: 'ignored', reason: refused[0]?.reason ?? 'condition' };
  const remembered: readonly Change[] =
    id === undefined
      ? []
      : [{ op: 'put', table: CALLS, value: { key: callKey(located, id), runId: run.id, asked: 'webhook', createdAt: now }, expect: 0 }];
  const begin = (): Promise<boolean> => starter.start(tenant, run, [...remembered, ...changes]);
  if (webhook.answer === 'result') return answerWithResult(options, tenant, webhook, run.id, begin);
  return (await begin()) ? { kind: 'accepted', runId: run.id } : undefined;
}

async function answerWithResult(
  options: WebhooksOptions,
  tenant: OpenTenant,
  { answerWithin }: WebhookDefinition,
  runId: string,
  begin?: () => Promise<boolean>,
): Promise<WebhookAnswer | undefined> {
  const timeoutMs = Math.min(parseDuration(answerWithin ?? '') ?? DEFAULT_ANSWER_MS, LONGEST_ANSWER_MS);
  const end = awaitRunEnd(options, tenant, runId, begin === undefined);
  try {
    if (begin !== undefined && !(await begin())) return undefined;
    const run = await end.within(timeoutMs);
    return run === undefined ? { kind: 'accepted', runId } : resultOf(run);
  } finally {
    end.stop();
  }
}

function resultOf({ id, state, output = {}, error }: RunRecord): WebhookAnswer {
  if (state === 'succeeded' || state === 'stopped') return { kind: 'result', runId: id, output };
  // What exactly went wrong is for those who may look at the run.
  throw new TendrilError('RUN_FAILED', {
    runId: id,
    state,
    ...(error === undefined ? {} : { errorCode: error.code }),
  });
}
