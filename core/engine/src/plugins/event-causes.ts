import type { EmittedEvent, LoggedEvent } from '@tendril/plugin-api';
import type { HandlerRun } from './handler-run.ts';

/** What an emitted event takes from its cause. */
export type Cause = Partial<Pick<HandlerRun, 'isTest' | 'hops' | 'causedBy' | 'requestId'>>;

/**
 * Which event of a consumer's batch caused what it emits: the one that the discriminator names (`id` or `id/…`), or the last of the same
 * person. Taking the batch as a whole would add a hop with each batch and cut chains that are none.
 */
export class EventCauses {
  readonly #byId: ReadonlyMap<string, LoggedEvent>;
  readonly #lastByPerson = new Map<string, LoggedEvent>();
  readonly #fewestHops: number;

  constructor(batch: readonly LoggedEvent[]) {
    this.#byId = new Map(batch.map((event) => [event.id, event]));
    for (const event of batch) for (const person of peopleOf(event)) this.#lastByPerson.set(person, event);
    this.#fewestHops = Math.min(...batch.map(({ hops }) => hops));
  }

  of(event: EmittedEvent): Cause {
    const cause = this.#named(event.discriminator ?? '') ?? this.#ofSamePerson(event);
    if (cause === undefined) return { hops: this.#fewestHops };
    const { id, isTest, hops, requestId } = cause;
    return { isTest, hops, causedBy: { eventId: id }, ...(requestId !== undefined && { requestId }) };
  }

  /** By the whole, or by what is before a slash: one event may cause several of one name. */
  #named(discriminator: string): LoggedEvent | undefined {
    const known = this.#byId.get(discriminator);
    for (let at = discriminator.indexOf('/'); known === undefined && at > 0; at = discriminator.indexOf('/', at + 1)) {
      const found = this.#byId.get(discriminator.slice(0, at));
      if (found !== undefined) return found;
    }
    return known;
  }

  #ofSamePerson(event: EmittedEvent): LoggedEvent | undefined {
    const person = peopleOf(event).find((each) => this.#lastByPerson.has(each));
    return person === undefined ? undefined : this.#lastByPerson.get(person);
  }
}

function peopleOf({ identities }: Pick<EmittedEvent, 'identities'>): readonly string[] {
  return (['userId', 'anonymousId'] as const).flatMap((kind) => (identities?.[kind] === undefined ? [] : [`${kind}:${identities[kind]}`]));
}
