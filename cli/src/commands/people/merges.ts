import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { PERSON_TEXT, personIdOf } from '../../customers/people.ts';
import { moment } from '../../instants.ts';

interface ShownMerge {
  readonly link: string;
  readonly from: string;
  readonly into: string;
  readonly reason: string;
  readonly evidence?: string;
  readonly at: string;
  readonly isUndone: boolean;
  readonly undoneAt?: string;
  readonly undoneReason?: string;
}

export default class PeopleMerges extends HubCommand {
  static override description = 'Show which people were joined into one, why, and what of it was undone.';
  static override args = { person: Args.string({ required: true, description: PERSON_TEXT }) };
  static override flags = { limit: Flags.integer({ description: 'how many', default: 50, min: 1, max: 200 }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PeopleMerges);
    const hub = this.hub(flags);
    const id = await personIdOf(hub, args.person);
    const answer = await callAction<{ readonly items: readonly ShownMerge[] }>(hub, 'profiles.merges', { id, limit: flags.limit });
    this.table(
      answer.items.map(({ link, from, into, reason, evidence, at, undoneAt, undoneReason }) => ({
        link,
        joined: from,
        to: into,
        at: moment(at),
        because: evidence === undefined ? reason : `${reason}: ${evidence}`,
        undone: undoneAt === undefined ? '' : `${moment(undoneAt)}${undoneReason === undefined ? '' : `: ${undoneReason}`}`,
      })),
      'This person was never joined with another.',
    );
    if (answer.items.some(({ isUndone }) => !isUndone) && !this.jsonEnabled()) this.note('`tendril people unmerge LINK` undoes one.');
    return answer;
  }
}
