import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { CommandFault } from '../../failure.ts';

export default class PlacesDelete extends HubCommand {
  static override description = 'Delete a place: whoever asks for it is told that there is none. Its results stay.';
  static override args = { id: Args.string({ required: true, description: 'name of the place' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PlacesDelete);
    const answer = await callAction<{ readonly isDeleted: boolean }>(this.hub(flags), 'profiles.place_delete', { id: args.id });
    if (!answer.isDeleted) throw new CommandFault(`There is no place ${args.id}; \`tendril places list\` lists those there are.`);
    this.log(`${args.id} is deleted.`);
    return answer;
  }
}
