import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';
import type { ActionDescription, ActionPath, ActionRequest, ActionResult } from '../../actions/contract.ts';
import { valueAt } from '../../plugins/index.ts';
import type { WouldCall } from './contract.ts';
import { PROFILES_CAPABILITY } from '../starts/profiles.ts';
import { sampleOf } from './sample-value.ts';

/** What a call is answered, and by what. */
export interface SimulatedAnswer {
  readonly output: Json;
  readonly by: WouldCall['answeredBy'];
}

/** What decides about the calls of a simulation. */
export interface SimulatedActionsOptions {
  /** Which actions there are. */
  readonly known: Pick<ActionPath, 'list' | 'find'>;
  /** Profiles as expressions read them, by id. `undefined` when there is none. */
  readonly profile: (id: string) => Promise<JsonObject | undefined>;
  /** The name under which profiles are asked for. */
  readonly profileCapability: string;
  /**
   * Gives an answer before anything else does. `undefined` to leave it to the manifest.
   *
   * @throws TendrilError as the action would
   */
  readonly answer: (action: ActionDescription, request: ActionRequest) => Promise<SimulatedAnswer | undefined>;
  /** The governor's reason to hold a `send` or `spend` back. */
  readonly holdBack?: (action: ActionDescription, request: ActionRequest) => Promise<string | undefined>;
  readonly now: () => number;
}

/** A call with the run that made it. */
export interface RecordedCall extends WouldCall {
  readonly runId: string | undefined;
  readonly personId: string | undefined;
  /** What masks it where it is shown. */
  readonly schemas: Pick<ActionDescription, 'input' | 'output'>;
}

/** More calls than that would not fit into memory beside everything else. */
const MAX_CALLS = 200_000;

/** The one call path of a simulation: nothing leaves it but what `answer` lets out. */
export class SimulatedActions implements ActionPath {
  readonly calls: RecordedCall[] = [];
  readonly #options: SimulatedActionsOptions;

  constructor(options: SimulatedActionsOptions) {
    this.#options = options;
  }

  list(): readonly ActionDescription[] {
    return this.#options.known.list();
  }

  find(tenantId: string, name: string): Promise<ActionDescription | undefined> {
    // Profiles are those of the simulation: they are asked for one by one.
    return name === PROFILES_CAPABILITY ? Promise.resolve(undefined) : this.#options.known.find(tenantId, name);
  }

  async execute(request: ActionRequest): Promise<ActionResult> {
    if (request.name === this.#options.profileCapability && request.caller.kind === 'hub') return this.#profile(request);
    const action = await this.find(request.tenantId, request.name);
    if (action === undefined) throw new TendrilError('ACTION_UNKNOWN', { action: request.name });
    if (this.calls.length >= MAX_CALLS)
      throw new TendrilError('INPUT_INVALID', { expected: `at most ${String(MAX_CALLS)} calls in one simulation` });
    const heldBack = isEffectOnPeople(action) ? await this.#options.holdBack?.(action, request) : undefined;
    if (heldBack !== undefined) {
      this.#record(action, request, { heldBack, answeredBy: 'case' });
      throw new TendrilError('ACTION_HELD_BACK', { action: action.name, reason: heldBack });
    }
    // What may not be repeated behaves as it does outside: an error after this leaves a doubt.
    if (action.effect !== 'read' && (action.idempotency === 'check' || action.idempotency === 'none')) await request.beforeEffect?.();
    const { output, by } = (await this.#options.answer(action, request)) ?? fromManifest(action);
    this.#record(action, request, { output, answeredBy: by });
    return { output, changes: [] };
  }

  check(): Promise<{ readonly effect: 'absent' }> {
    return Promise.resolve({ effect: 'absent' });
  }

  async #profile(request: ActionRequest): Promise<ActionResult> {
    const profile = await this.#options.profile(typeof request.input['id'] === 'string' ? request.input['id'] : '');
    if (profile === undefined) throw new TendrilError('NOT_FOUND', { person: request.input['id'] });
    return { output: profile, changes: [] };
  }

  #record(action: ActionDescription, request: ActionRequest, answer: Pick<WouldCall, 'output' | 'heldBack' | 'answeredBy'>): void {
    const person = action.send === undefined ? undefined : valueAt(request.input, action.send.person);
    const cost = costOf(action, request.input);
    this.calls.push({
      path: request.path ?? '',
      action: action.name,
      ...(request.connection === undefined ? {} : { connection: request.connection }),
      effect: action.effect,
      input: request.input,
      at: this.#options.now(),
      ...answer,
      ...(cost === undefined ? {} : { cost }),
      runId: request.causedBy?.runId,
      personId: typeof person === 'string' ? person : undefined,
      schemas: { input: action.input, output: action.output },
    });
  }
}

function isEffectOnPeople({ effect }: ActionDescription): boolean {
  return effect === 'send' || effect === 'spend';
}

function costOf({ spend }: ActionDescription, input: JsonObject): WouldCall['cost'] {
  if (spend === undefined) return undefined;
  const amount = valueAt(input, spend.amount);
  return typeof amount === 'number' ? { amount, currency: String(valueAt(input, spend.currency)) } : undefined;
}

/** An output that the manifest gives as an example, or one that fits its schema. */
function fromManifest(action: ActionDescription): SimulatedAnswer {
  const [example] = action.examples ?? [];
  if (example?.output !== undefined) return { output: example.output, by: 'example' };
  return { output: sampleOf(action.output), by: 'schema' };
}
