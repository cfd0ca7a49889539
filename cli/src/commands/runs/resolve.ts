import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { parseJson } from '../../input.ts';

export default class RunsResolve extends HubCommand {
  static override description = 'Decide on a step of which nobody knows whether its effect took place.';
  static override args = {
    id: Args.string({ required: true, description: 'id of the run' }),
    decision: Args.string({
      required: true,
      description: 'happened: go on; retry: do it (again); fail: treat it as failed',
      options: ['happened', 'retry', 'fail'],
    }),
  };
  static override flags = { output: Flags.string({ description: 'for `happened`: what the step gave, as JSON' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(RunsResolve);
    await this.hub(flags).request('POST', `/v1/runs/${encodeURIComponent(args.id)}/resolve`, {
      decision: args.decision,
      ...(flags.output === undefined ? {} : { output: parseJson(flags.output, '--output') }),
    });
    this.log(args.decision === 'fail' ? `The step of run ${args.id} counts as failed.` : `Run ${args.id} goes on.`);
    return { id: args.id, decision: args.decision };
  }
}
