import { Args } from '@oclif/core';
import { HubCommand } from '../../../base-command.ts';
import { callAction } from '../../../customers/actions.ts';
import { CommandFault } from '../../../failure.ts';

export default class LeadsFormsDelete extends HubCommand {
  static override description = 'Delete a form: its page and its snippets take no answers any more. The answers stay.';
  static override args = { id: Args.string({ required: true, description: 'id of the form' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(LeadsFormsDelete);
    const answer = await callAction<{ readonly isDeleted: boolean }>(this.hub(flags), 'leads.form_delete', { id: args.id });
    if (!answer.isDeleted) throw new CommandFault(`There is no form ${args.id}; \`tendril leads forms list\` lists those there are.`);
    this.log(`${args.id} is deleted.`);
    return answer;
  }
}
