import { CATALOGUE, TendrilError } from '@tendril/plugin-api';
import type { ErrorCode, Json, JsonObject } from '@tendril/plugin-api';
import type { ActionDescription, ActionRequest } from '../../actions/contract.ts';
import type { TestCase } from './case-file.ts';
import { lacks } from './contains.ts';
import type { SimulatedAnswer } from './simulated-actions.ts';

type Answer = Exclude<NonNullable<TestCase['actions']>[string], readonly unknown[]>;

/** The answers that a case gives, each list in its turn. */
export class CaseAnswers {
  readonly #answers: NonNullable<TestCase['actions']>;
  readonly #used = new Map<string, number>();
  // The governor is asked before the action is: both get the same answer of the list.
  readonly #chosen = new WeakMap<ActionRequest, Answer | undefined>();

  constructor(actions: TestCase['actions']) {
    this.#answers = actions ?? {};
  }

  /** @throws TendrilError when the case says that the action fails */
  readonly answer = async (action: ActionDescription, request: ActionRequest): Promise<SimulatedAnswer | undefined> => {
    const chosen = this.#choose(action, request);
    if (chosen?.error !== undefined) throw failure(chosen.error, chosen.details);
    return chosen === undefined ? undefined : { output: (chosen.output ?? null) as Json, by: 'case' };
  };

  readonly holdBack = async (action: ActionDescription, request: ActionRequest): Promise<string | undefined> =>
    this.#choose(action, request)?.heldBack;

  #choose(action: ActionDescription, request: ActionRequest): Answer | undefined {
    if (this.#chosen.has(request)) return this.#chosen.get(request);
    const name = [request.name, action.name, action.implements ?? ''].find((candidate) => Object.hasOwn(this.#answers, candidate));
    const chosen = name === undefined ? undefined : this.#next(name, request.input);
    this.#chosen.set(request, chosen);
    return chosen;
  }

  #next(name: string, input: JsonObject): Answer | undefined {
    const answers = this.#answers[name];
    const all = (Array.isArray(answers) ? answers : [answers]) as readonly Answer[];
    const fitting = all.filter(({ when }) => when === undefined || lacks(input, when as JsonObject).length === 0);
    const key = `${name} ${JSON.stringify(fitting.map((answer) => all.indexOf(answer)))}`;
    const turn = this.#used.get(key) ?? 0;
    this.#used.set(key, turn + 1);
    return fitting[Math.min(turn, fitting.length - 1)];
  }
}

/** The error as the action would throw it. Codes of plugins are told in the details, as they are by the host. */
function failure(code: string, details: Readonly<Record<string, unknown>> | undefined): TendrilError {
  const isKnown = Object.hasOwn(CATALOGUE, code);
  return new TendrilError(isKnown ? (code as ErrorCode) : 'UPSTREAM_REJECTED', { ...details, ...(isKnown ? {} : { pluginCode: code }) });
}
