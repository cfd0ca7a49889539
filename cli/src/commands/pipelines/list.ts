import { HubCommand } from '../../base-command.ts';
import { ago } from '../../instants.ts';

interface Pipeline {
  readonly id: string;
  readonly version: number;
  readonly isPaused: boolean;
  readonly deployedAt: string;
  readonly title: string;
}

export default class PipelinesList extends HubCommand {
  static override description = 'List the deployed pipelines.';

  async run(): Promise<unknown> {
    const { flags } = await this.parse(PipelinesList);
    const items = await this.hub(flags).list<Pipeline>('/v1/pipelines', 1000);
    this.table(
      items.map((pipeline) => ({
        pipeline: pipeline.id,
        version: pipeline.version,
        state: pipeline.isPaused ? 'paused' : 'active',
        deployed: ago(pipeline.deployedAt, Date.now()),
        title: pipeline.title,
      })),
      'No pipeline is deployed; `tendril pipelines deploy FILE` does.',
    );
    return { items };
  }
}
