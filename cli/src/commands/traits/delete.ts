import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';

export default class TraitsDelete extends HubCommand {
  static override description = 'Delete a computed trait: it is known of nobody any more.';
  static override args = { name: Args.string({ required: true, description: 'name of the trait' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(TraitsDelete);
    const answer = await callAction<{ readonly name: string }>(this.hub(flags), 'profiles.trait_delete', { name: args.name });
    this.log(`${answer.name} is deleted.`);
    return answer;
  }
}
