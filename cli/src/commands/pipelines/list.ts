import { Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { ago, moment } from '../../instants.ts';
import { ENVIRONMENTS, queryOf } from '../../pipeline-address.ts';

interface Pipeline {
  readonly id: string;
  readonly environment: string;
  readonly version: number;
  readonly isPaused: boolean;
  readonly deployedAt: string;
  readonly nextAt?: string;
  readonly title: string;
}

export default class PipelinesList extends HubCommand {
  static override description = 'List the deployed pipelines.';
  static override flags = {
    environment: Flags.string({ char: 'e', description: 'only of this environment; all unless given', options: ENVIRONMENTS }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(PipelinesList);
    const hub = this.hub(flags);
    const environments = flags.environment === undefined ? ENVIRONMENTS : [flags.environment];
    const lists = await Promise.all(
      environments.map((environment) => hub.list<Pipeline>(`/v1/pipelines${queryOf({ environment })}`, 1000)),
    );
    const items = lists.flat().toSorted((one, other) => one.id.localeCompare(other.id));
    this.table(
      items.map((pipeline) => ({
        pipeline: pipeline.id,
        version: pipeline.version,
        state: pipeline.isPaused ? 'paused' : 'active',
        environment: pipeline.environment,
        deployed: ago(pipeline.deployedAt, Date.now()),
        next: pipeline.nextAt === undefined ? undefined : `${moment(pipeline.nextAt)} UTC`,
        title: pipeline.title,
      })),
      'No pipeline is deployed; `tendril pipelines deploy FILE` does.',
    );
    return { items };
  }
}
