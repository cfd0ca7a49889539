import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';

export default class PipelinesPause extends HubCommand {
  static override description = 'Start no new runs of a pipeline; those in flight go on.';
  static override args = { id: Args.string({ required: true, description: 'id of the pipeline' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesPause);
    await this.hub(flags).request('POST', `/v1/pipelines/${encodeURIComponent(args.id)}/pause`);
    this.log(`Pipeline ${args.id} paused.`);
    return { id: args.id, isPaused: true };
  }
}
