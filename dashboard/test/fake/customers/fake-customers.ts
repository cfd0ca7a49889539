import type { World } from '../world.ts';
import { Refusal } from './answer.ts';
import type { FakeActions, Input } from './answer.ts';
import { makeAnalytics } from './analytics.ts';
import { makeDuplicates } from './duplicates.ts';
import { makeForms } from './forms.ts';
import { makeImports } from './imports.ts';
import { makeLeads } from './leads.ts';
import { makePeople } from './people.ts';
import { makePlaces } from './places.ts';
import { makeSegments } from './segments.ts';

/** The actions about customers, over made-up data. */
export class FakeCustomers {
  readonly #actions: FakeActions;

  constructor(world: World, options: { readonly isEmpty: boolean }) {
    this.#actions = {
      ...makePeople(world),
      ...makeLeads(world),
      ...makeDuplicates(world),
      ...makeImports(options),
      ...makeSegments(world, options),
      ...makeAnalytics(options),
      ...makeForms(world, options),
      ...makePlaces(world, options),
    };
  }

  /** Answers a call of an action as the hub does; with a `status` when it is refused. */
  call(name: string, input: Input): object {
    const action = this.#actions[name];
    if (action === undefined) return new Refusal(404, 'ACTION_UNKNOWN', 'There is no such action.', { action: name }).body;
    try {
      return { output: action(input) };
    } catch (thrown) {
      if (thrown instanceof Refusal) return thrown.body;
      throw thrown;
    }
  }
}
