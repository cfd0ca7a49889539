import { TendrilError } from '@tendril/plugin-api';
import type { Connection, EffectCheck, Json, JsonObject, Permit } from '@tendril/plugin-api';
import type { Timers } from '../environment.ts';
import type { Governor, Reservation } from '../governor/index.ts';
import type { Metric } from '../hub.ts';
import { durationMs } from '../plugins/index.ts';
import type { ActionRun, CallAction, HandlerResult, Limiter, LoadedAction, NestedCall, PluginHost } from '../plugins/index.ts';
import type { Connections } from '../vault/index.ts';
import { ActionMetrics } from './action-metrics.ts';
import { chooseConnection, openConnection } from './choose-connection.ts';
import type { ActionPath, ActionRequest, ActionResult } from './contract.ts';
import { isWithoutEffect } from './effect-certainty.ts';
import { assertNotElsewhere, describeAction, findActions, notFound, preferConnected } from './find-action.ts';
import { assertMayCall, assertWithinCeiling } from './permissions.ts';
import { reservePermit } from './reserve-permit.ts';

/** What the call path needs of the other rooms. */
export interface ActionPathOptions {
  readonly host: PluginHost;
  readonly connections: Connections;
  readonly governor: Governor;
  /** Shared by all calls of this process; over all workers later. */
  readonly limiter: Limiter;
  readonly clock: { now(): number };
  readonly timers: Timers;
}

/** The call path with what the hub needs of it beside the contract. */
export interface CreatedActionPath extends ActionPath {
  /** For `callAction` of the plugin host. */
  callNested(nested: NestedCall): ReturnType<CallAction>;
  metrics(): readonly Metric[];
}

const NEVER = new AbortController().signal;
const PEOPLE_GET = 'people.get@1';
// Longer waits for a place go back to the caller, whose queue can do something else meanwhile.
const THROTTLE_PATIENCE_MS = 1_000;
const NO_CHANGES: ActionResult['changes'] = [];

/** One call on its way. */
interface Going {
  readonly request: ActionRequest;
  readonly action: LoadedAction;
  readonly input: JsonObject;
  readonly depth: number;
  readonly bounds?: NestedCall['bounds'];
}

/** @returns the one way anything is done */
export function createActionPath(options: ActionPathOptions): CreatedActionPath {
  const { host, connections, governor, limiter, clock, timers } = options;
  const metrics = new ActionMetrics();

  async function locate(tenantId: string, name: string, connection?: string): Promise<LoadedAction | undefined> {
    const known = host.enabled(tenantId);
    const enabled = known instanceof Promise ? await known : known;
    const found = findActions(host, enabled, name);
    return found.length < 2 ? found[0] : preferConnected(found, await connections.list(tenantId), connection);
  }

  async function prepare(request: ActionRequest, nested?: NestedCall): Promise<Going> {
    const action = await locate(request.tenantId, request.name, request.connection);
    if (action === undefined) throw notFound(host, request.name);
    assertMayCall(host, request.caller, request.name, action);
    if (nested !== undefined) assertWithinCeiling(host, nested, action);
    const input = structuredClone(request.input);
    const problems = action.input.validate(input);
    if (problems.length > 0) throw new TendrilError('ACTION_INPUT_INVALID', { action: action.name, problems });
    return { request, action, input, depth: nested?.depth ?? 0, ...(nested?.bounds !== undefined && { bounds: nested.bounds }) };
  }

  async function execute(request: ActionRequest, nested?: NestedCall): Promise<ActionResult> {
    const startedAt = timers.monotonicMs();
    let name = request.name;
    try {
      const going = await prepare(request, nested);
      name = going.action.name;
      const result = await (going.action.action.effect === 'read' ? perform(going) : performEffect(going));
      metrics.record(name, 'ok', timers.monotonicMs() - startedAt);
      return result;
    } catch (error) {
      // Names that are none would make a label of whatever somebody typed.
      metrics.record(
        host.action(name) === undefined ? 'unknown' : name,
        TendrilError.is(error) ? error.code : 'INTERNAL',
        timers.monotonicMs() - startedAt,
      );
      throw error;
    }
  }

  async function perform(going: Going): Promise<ActionResult> {
    const connection = await chooseConnection(connections, going.action, going.request);
    const leave = await takePlace(going, connection);
    try {
      const result = await invoke(going, connection, undefined);
      return { output: checkedOutput(going.action, result.output), changes: result.changes };
    } finally {
      leave();
    }
  }

  async function performEffect(going: Going): Promise<ActionResult> {
    const { action, request, input } = going;
    if (request.isDryRun === true) return { output: heldBack(going), changes: NO_CHANGES };
    await host.assertConfigured(request.tenantId, action.plugin);
    const connection = await chooseConnection(connections, action, request);
    const leave = await takePlace(going, connection);
    let reservation: Reservation | undefined;
    let hasBegun = false;
    let hasReturned = false;
    try {
      reservation = await reservePermit(governor, action, input, request, getPerson);
      if (request.signal?.aborted === true) throw new TendrilError('ACTION_ABORTED', { action: action.name });
      if (action.action.idempotency === 'check' || action.action.idempotency === 'none') await request.beforeEffect?.();
      hasBegun = true;
      const result = await invoke(going, connection, reservation?.permit);
      hasReturned = true;
      const changes = reservation === undefined ? result.changes : [...result.changes, ...reservation.settlement()];
      return { output: checkedOutput(action, result.output), changes };
    } catch (error) {
      // What did not begin goes on under the same key, perhaps with another worker: the permit waits for it.
      if (hasBegun && !hasReturned && isWithoutEffect(error)) await reservation?.release();
      throw error;
    } finally {
      leave();
    }
  }

  /** Runs the handler; a token that the service no longer takes is renewed once. */
  async function invoke(going: Going, connection: Connection | undefined, permit: Permit | undefined): Promise<HandlerResult<Json>> {
    const { action, request, input } = going;
    try {
      return await host.runAction(request.tenantId, action, input, toRun(going, connection, permit));
    } catch (error) {
      if (connection === undefined || !TendrilError.is(error)) throw error;
      noteThrottling(going, connection, error);
      if (error.code !== 'UPSTREAM_UNAUTHORIZED') throw error;
      const token = connection.values['accessToken'];
      if (action.plugin.manifest.connections?.[connection.kind]?.type !== 'oauth2' || typeof token !== 'string') {
        await connections.needsLogin(request.tenantId, connection.name, connection.values);
        throw error;
      }
      await connections.invalidate(request.tenantId, connection.name, token);
    }
    const renewed = await openConnection(connections, request.tenantId, connection.name);
    try {
      return await host.runAction(request.tenantId, action, input, toRun(going, renewed, permit));
    } catch (error) {
      if (TendrilError.is(error) && error.code === 'UPSTREAM_UNAUTHORIZED')
        await connections.needsLogin(request.tenantId, connection.name, renewed.values);
      throw error;
    }
  }

  async function takePlace({ action, request }: Going, connection: Connection | undefined): Promise<() => void> {
    const { throttle } = action.action;
    if (throttle === undefined && connection === undefined) return () => undefined;
    const rate =
      throttle === undefined
        ? undefined
        : {
            limit: throttle.limit,
            perMs: durationMs(throttle.per),
            ...(throttle.concurrency !== undefined && { concurrency: throttle.concurrency }),
          };
    return limiter.acquire(placeKey(action, request.tenantId, connection), rate, {
      patienceMs: THROTTLE_PATIENCE_MS,
      signal: request.signal ?? NEVER,
    });
  }

  function noteThrottling({ action, request }: Going, connection: Connection, error: TendrilError): void {
    const waitMs = error.details['retryAfterMs'];
    if (error.code === 'UPSTREAM_THROTTLED' && typeof waitMs === 'number')
      limiter.holdUntil(placeKey(action, request.tenantId, connection), clock.now() + waitMs);
  }

  async function getPerson(request: ActionRequest, personId: string): Promise<JsonObject> {
    const { output } = await execute({
      tenantId: request.tenantId,
      name: PEOPLE_GET,
      input: { id: personId },
      idempotencyKey: request.idempotencyKey,
      attempt: request.attempt,
      caller: { kind: 'hub' },
      isTest: request.isTest,
      ...(request.signal !== undefined && { signal: request.signal }),
    });
    return typeof output === 'object' && output !== null && !Array.isArray(output) ? (output as JsonObject) : {};
  }

  return {
    list: () => host.actions().map(describeAction),
    find: async (tenantId, name) => {
      const action = await locate(tenantId, name);
      if (action === undefined) assertNotElsewhere(host, name);
      return action === undefined ? undefined : describeAction(action);
    },
    execute: (request) => execute(request),
    check: async (request): Promise<EffectCheck<Json>> => {
      const going = await prepare(request);
      if (going.action.action.idempotency !== 'check') return { effect: 'unknown' };
      const connection = await chooseConnection(connections, going.action, request);
      const answer = await host.runCheck(request.tenantId, going.action, going.input, toRun(going, connection, undefined));
      if (answer.effect !== 'happened') return answer;
      return { effect: 'happened', output: checkedOutput(going.action, answer.output) };
    },
    callNested: async ({ plugin, ...nested }) => {
      const { tenantId, name, input, idempotencyKey, attempt, isTest, hops, signal, causedBy, requestId } = nested;
      const request: ActionRequest = {
        tenantId,
        name,
        input,
        idempotencyKey,
        attempt,
        isTest,
        hops,
        signal,
        caller: { kind: 'plugin', id: plugin },
        ...(causedBy !== undefined && { causedBy }),
        ...(requestId !== undefined && { requestId }),
      };
      const result = await execute(request, { plugin, ...nested });
      return host.action(name)?.action.effect === 'read' ? { ...result, isRead: true } : result;
    },
    metrics: () => metrics.read(),
  };
}

function toRun({ request, input, depth, bounds }: Going, connection: Connection | undefined, permit: Permit | undefined): ActionRun {
  const { isTest, idempotencyKey, attempt, timeoutMs, signal, hops, causedBy, requestId } = request;
  return {
    isTest,
    idempotencyKey,
    attempt,
    input,
    depth,
    ...(bounds !== undefined && { bounds }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(signal !== undefined && { signal }),
    ...(hops !== undefined && { hops }),
    ...(causedBy !== undefined && { causedBy }),
    ...(requestId !== undefined && { requestId }),
    ...(connection !== undefined && { connection }),
    ...(permit !== undefined && { permit }),
  };
}

/** Actions that declare the same limit count together: it is the service's, per account. */
function placeKey({ action, plugin }: LoadedAction, tenantId: string, connection: Connection | undefined): string {
  const { throttle } = action;
  return `${tenantId}/${plugin.id}/${connection?.name ?? ''}/${throttle === undefined ? '' : `${throttle.limit}/${throttle.per}`}`;
}

/** What would have been done. */
function heldBack({ action, input, request }: Going): Json {
  return {
    isDryRun: true,
    action: action.name,
    effect: action.action.effect,
    input,
    ...(request.connection !== undefined && { connection: request.connection }),
  };
}

function checkedOutput(action: LoadedAction, output: unknown): Json {
  const value = output === undefined ? null : output;
  const problems = action.output.validate(value);
  // Whoever retries has to know that the effect took place, whatever was said about it.
  if (problems.length > 0)
    throw new TendrilError('ACTION_OUTPUT_INVALID', {
      action: action.name,
      plugin: action.plugin.id,
      problems,
      effect: action.action.effect === 'read' ? 'absent' : 'happened',
    });
  return value as Json;
}
