import { TendrilError } from '@tendril/plugin-api';
import type { EffectCheck, Json, JsonObject } from '@tendril/plugin-api';
import type { ActionDescription, ActionPath, ActionRequest, ActionResult } from '../../src/actions/contract.ts';
import type { Change } from '../../src/ports.ts';

/** How a fake action behaves. */
export interface FakeAction extends Partial<Omit<ActionDescription, 'name' | 'plugin'>> {
  /** Gives the output; throws to fail. `effect` makes the effect in the outside world. */
  run?(request: ActionRequest, effect: () => void): Promise<Json> | Json;
  /** Changes returned with the output. */
  changes?(request: ActionRequest): readonly Change[];
  check?(request: ActionRequest): Promise<EffectCheck<Json>> | EffectCheck<Json>;
}

/** The outside world: what was asked of it and what happened there. It outlives every worker. */
export class OutsideWorld {
  readonly requests: { readonly action: string; readonly key: string; readonly input: JsonObject; readonly attempt: number }[] = [];
  /** Each effect's idempotency key, in their order. */
  readonly effects: string[] = [];

  /** How often each key took effect. */
  effectsByKey(): ReadonlyMap<string, number> {
    return new Map([...Map.groupBy(this.effects, (key) => key)].map(([key, list]) => [key, list.length]));
  }
}

/** An action path over fakes: same order of things as the real one, `beforeEffect` for `none` and `check` alone. */
export function createFakeActions(world: OutsideWorld, fakes: Readonly<Record<string, FakeAction>>): ActionPath {
  const descriptions = new Map(Object.entries(fakes).map(([name, fake]) => [name, describe(name, fake)]));
  return {
    list: () => [...descriptions.values()],
    find: async (_tenantId, name) => descriptions.get(name),
    execute: async (request): Promise<ActionResult> => {
      const fake = fakes[request.name];
      const description = descriptions.get(request.name);
      if (fake === undefined || description === undefined) throw new TendrilError('ACTION_UNKNOWN', { action: request.name });
      world.requests.push({ action: request.name, key: request.idempotencyKey, input: request.input, attempt: request.attempt });
      if (description.idempotency === 'none' || description.idempotency === 'check') await request.beforeEffect?.();
      const effect = (): void => takeEffect(world, description, request);
      if (fake.run === undefined) effect();
      const output = fake.run === undefined ? { done: true } : await fake.run(request, effect);
      return { output, changes: fake.changes?.(request) ?? [] };
    },
    check: async (request) => {
      const fake = fakes[request.name];
      if (descriptions.get(request.name)?.idempotency !== 'check') return { effect: 'unknown' };
      if (fake?.check !== undefined) return fake.check(request);
      return world.effects.includes(request.idempotencyKey) ? { effect: 'happened', output: { done: true } } : { effect: 'absent' };
    },
  };
}

// A service that takes a key, or whose call is natural, does not do it again.
function takeEffect(world: OutsideWorld, { idempotency }: ActionDescription, { idempotencyKey }: ActionRequest): void {
  const isRepeat = (idempotency === 'key' || idempotency === 'natural') && world.effects.includes(idempotencyKey);
  if (!isRepeat) world.effects.push(idempotencyKey);
}

function describe(name: string, fake: FakeAction): ActionDescription {
  const plugin = name.split('.')[0] ?? name;
  const usual: ActionDescription = {
    name,
    plugin,
    title: name,
    effect: 'write',
    idempotency: 'key',
    input: { type: 'object' },
    output: {},
    timeoutMs: 30_000,
    connectionKinds: [],
  };
  const {
    effect = usual.effect,
    idempotency = usual.idempotency,
    input = usual.input,
    output = usual.output,
    connectionKinds = usual.connectionKinds,
  } = fake;
  return { ...usual, effect, idempotency, input, output, connectionKinds };
}
