import { Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { listByAction } from '../../customers/actions.ts';
import { PERSON_TEXT, personIdOf } from '../../customers/people.ts';
import { percent } from '../../customers/problems.ts';

interface ShownPair {
  readonly id: string;
  readonly left: string;
  readonly right: string;
  readonly state: string;
  readonly probability: number;
  readonly evidence: readonly { readonly field: string; readonly level: string; readonly bits: number }[];
}

export default class PeopleDuplicates extends HubCommand {
  static override description = 'Show who may be one person, with the evidence, the most probable first.';
  static override flags = {
    person: Flags.string({ description: `only of this person: ${PERSON_TEXT}` }),
    state: Flags.string({ description: 'in this state', options: ['open', 'merged', 'dismissed', 'closed'] }),
    limit: Flags.integer({ description: 'how many', default: 20, min: 1, max: 1000 }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(PeopleDuplicates);
    const hub = this.hub(flags);
    const input = {
      ...(flags.person !== undefined && { person: await personIdOf(hub, flags.person) }),
      ...(flags.state !== undefined && { state: flags.state }),
    };
    const items = await listByAction<ShownPair>(hub, 'profiles.duplicates', input, flags.limit);
    this.table(
      items.map(({ left, right, state, probability, evidence }) => ({
        left,
        right,
        probable: percent(probability),
        state,
        evidence: evidence
          .map(({ field, level, bits }) => `${field || 'household'} ${level} ${bits >= 0 ? '+' : ''}${bits.toFixed(1)}`)
          .join(', '),
      })),
      'Nobody looks like somebody else.',
    );
    if (items.some(({ state }) => state === 'open') && !this.jsonEnabled())
      this.note('`tendril people merge LEFT RIGHT` joins two, `tendril people dismiss LEFT RIGHT` says that they are two.');
    return { items };
  }
}
