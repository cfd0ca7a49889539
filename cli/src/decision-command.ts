import { Args, Flags } from '@oclif/core';
import { HubCommand } from './base-command.ts';
import { CommandFault, EXIT } from './failure.ts';

/** What is decided on. */
export const decisionArgs = {
  id: Args.string({ required: true, description: 'as `approvals list` shows it: run and path of the step, with a slash between' }),
};

/** What may be said with a decision. */
export const decisionFlags = {
  by: Flags.string({ description: 'name of the person who decides; the key is named beside it' }),
  comment: Flags.string({ description: 'later steps can read it' }),
};

/** What approving and rejecting share. */
export abstract class DecisionCommand extends HubCommand {
  /** Tells the hub. @throws CommandFault when the id is none */
  protected async decide(
    id: string,
    verb: 'approve' | 'reject',
    {
      by,
      comment,
      ...hub
    }: {
      readonly by?: string | undefined;
      readonly comment?: string | undefined;
      readonly url?: string | undefined;
      readonly key?: string | undefined;
    },
  ): Promise<void> {
    const [, run, path] = /^([^/]+)\/([^/]+)$/.exec(id) ?? [];
    if (run === undefined || path === undefined)
      throw new CommandFault(`\`${id}\` is no approval: \`tendril approvals list\` shows them, such as 0197c1/2.`, EXIT.commandLine);
    await this.hub(hub).request('POST', `/v1/approvals/${encodeURIComponent(run)}/${encodeURIComponent(path)}/${verb}`, {
      ...(by === undefined ? {} : { by }),
      ...(comment === undefined ? {} : { comment }),
    });
  }
}
