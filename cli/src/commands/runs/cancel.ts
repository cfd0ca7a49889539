import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';

export default class RunsCancel extends HubCommand {
  static override description = 'End a run that has not ended. What completed steps declare as compensation is done.';
  static override args = { id: Args.string({ required: true, description: 'id of the run' }) };
  static override flags = {
    'after-step': Flags.boolean({ description: 'wait for the step that is under way; its call may still take effect otherwise' }),
    reason: Flags.string({ description: 'for those who look at it later' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(RunsCancel);
    const run = await this.hub(flags).request<{ state: string }>('POST', `/v1/runs/${encodeURIComponent(args.id)}/cancel`, {
      mode: flags['after-step'] ? 'after_step' : 'now',
      ...(flags.reason === undefined ? {} : { reason: flags.reason }),
    });
    this.log(run.state === 'cancelled' ? `Run ${args.id} is cancelled.` : `Run ${args.id} ends as soon as it can.`);
    return run;
  }
}
