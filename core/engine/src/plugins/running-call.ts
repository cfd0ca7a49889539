import { hash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';
import type { Change } from '../ports.ts';
import { outside } from './broker/egress-scope.ts';
import { CallEgress } from './call-egress.ts';
import type { CallEnvironment, HandlerRun, LiveCall } from './handler-run.ts';
import { RunLimits } from './run-limits.ts';

/** The state of one handler run; everything that `call` offers asks it first. */
export class RunningCall implements LiveCall {
  readonly run: HandlerRun;
  readonly environment: CallEnvironment;
  readonly changes: Change[] = [];
  readonly egress: CallEgress;
  readonly limits: RunLimits;
  #isEnded = false;
  #controller: AbortController | undefined;
  /** Made when somebody listens: an error with its stack for each run that just ends would be a twentieth of a short handler. */
  #abortReason: (() => TendrilError) | undefined;
  readonly #nestedCalls = new Map<string, number>();
  /** An action of which it cannot be said that it had no effect. */
  #hasCalled = false;

  constructor(run: HandlerRun, environment: CallEnvironment) {
    this.run = run;
    this.environment = environment;
    this.egress = new CallEgress(this);
    this.limits = new RunLimits({ plugin: run.plugin.id, handler: run.handler });
  }

  /** @throws TendrilError CALL_ENDED */
  assertAlive(): void {
    if (this.#isEnded) throw this.#ended();
  }

  /** Made when somebody asks for it: most handlers never do. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#abortReason !== undefined && !this.#controller.signal.aborted) this.#controller.abort(this.#abortReason());
    return this.#controller.signal;
  }

  abort(reason: TendrilError): void {
    this.#abortBy(() => reason);
  }

  /** Nothing works after this; what is still on its way to the network is cut off. */
  end(): void {
    this.#isEnded = true;
    this.#abortBy(() => this.#ended());
  }

  #abortBy(reason: () => TendrilError): void {
    this.#abortReason ??= reason;
    if (this.#controller?.signal.aborted === false) this.#controller.abort(reason());
  }

  #ended(): TendrilError {
    return new TendrilError('CALL_ENDED', { plugin: this.run.plugin.id, handler: this.run.handler });
  }

  async callAction(name: string, input: object): Promise<Json> {
    this.assertAlive();
    const { plugin, tenant, idempotencyKey, attempt, isTest, hops, causedBy, requestId, depth = 0, ceiling, bounds } = this.run;
    const isOwn = name.startsWith(`${plugin.id}.`);
    const permitted = plugin.manifest.permissions?.actions ?? [];
    // What implements a capability that is permitted may be called by its own name, too: the call path knows which do.
    const mayImplement = permitted.some((one) => one.includes('@'));
    if (!isOwn && !permitted.includes(name) && !mayImplement) throw this.refused('action', name);
    // The same call of the same handler has the same key in each attempt, whatever else runs beside it.
    const mark = JSON.stringify([name, input]);
    const repeat = this.#nestedCalls.get(mark) ?? 0;
    this.#nestedCalls.set(mark, repeat + 1);
    const key = hash('sha256', JSON.stringify([idempotencyKey, plugin.id, mark, repeat]), 'hex').slice(0, 48);
    await bounds?.admit({ name, input: input as JsonObject, key, depth });
    this.assertAlive();
    const { output, changes, isRead } = await outside(() =>
      this.environment.callAction({
        tenantId: tenant.tenant.id,
        plugin: plugin.id,
        name,
        input: input as JsonObject,
        idempotencyKey: key,
        attempt,
        isTest,
        hops: hops ?? 0,
        signal: this.signal,
        depth: depth + 1,
        ceiling,
        ...(bounds !== undefined && { bounds }),
        ...(causedBy !== undefined && { causedBy }),
        ...(requestId !== undefined && { requestId }),
      }),
    ).catch((error: unknown) => {
      const told = this.egress.hasReachedOut || this.#hasCalled ? withoutCertainty(error) : error;
      this.#hasCalled ||= !(TendrilError.is(error) && error.details['isWithoutEffect'] === true);
      throw told;
    });
    this.#hasCalled ||= isRead !== true;
    this.assertAlive();
    if (changes.length > 0) this.limits.use('changes', changes.length);
    for (const change of changes) this.changes.push(change);
    return output;
  }

  refused(kind: string, name: string): TendrilError {
    return new TendrilError('PERMISSION_DENIED', { plugin: this.run.plugin.id, handler: this.run.handler, [kind]: name });
  }
}

/** That an action that was called had no effect says nothing of what the handler did before. */
function withoutCertainty(error: unknown): unknown {
  return TendrilError.is(error) ? new TendrilError(error.code, { ...error.details, isWithoutEffect: false }, { cause: error }) : error;
}
