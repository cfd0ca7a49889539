import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { environmentFlag, pipelineAddress } from '../../pipeline-address.ts';

export default class PipelinesPause extends HubCommand {
  static override description = 'Start no new runs of a pipeline; those in flight go on unless --hold-runs.';
  static override args = { id: Args.string({ required: true, description: 'id of the pipeline' }) };
  static override flags = {
    ...environmentFlag,
    'hold-runs': Flags.boolean({ description: 'runs in flight stop before their next step, until it is resumed' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesPause);
    const holdRuns = flags['hold-runs'];
    await this.hub(flags).request('POST', pipelineAddress(args.id, '/pause', flags.environment), { holdRuns });
    this.log(`Pipeline ${args.id} paused${holdRuns ? ', and its runs are held' : ''}.`);
    return { id: args.id, isPaused: true, holdsRuns: holdRuns };
  }
}
