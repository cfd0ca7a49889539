import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { originText, remedyText, runText, stepRows } from '../../run-rows.ts';
import type { ShownRun } from '../../run-rows.ts';

export default class RunsShow extends HubCommand {
  static override description = 'Show one run with its steps; --json gives inputs and outputs too. Secrets and personal values are masked.';
  static override args = { id: Args.string({ required: true, description: 'id of the run' }) };
  static override flags = { unmasked: Flags.boolean({ description: 'personal values too; needs a key with the scope admin' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(RunsShow);
    const query = flags.unmasked ? '?unmasked=true' : '';
    const run = await this.hub(flags).request<ShownRun>('GET', `/v1/runs/${encodeURIComponent(args.id)}${query}`);
    this.log(runText(run));
    for (const line of originText(run)) this.log(line);
    const remedy = remedyText(run);
    if (remedy !== undefined) this.log(remedy);
    this.table(stepRows(run.steps), 'It has no step yet.');
    if (run.output !== undefined) this.log(`output: ${JSON.stringify(run.output)}`);
    return run;
  }
}
