import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { ago } from '../../instants.ts';
import { pipelineAddress } from '../../pipeline-address.ts';

interface Version {
  readonly version: number;
  readonly createdAt: string;
  readonly environments: readonly string[];
}

export default class PipelinesVersions extends HubCommand {
  static override description = 'List the versions of a pipeline, newest first, and where each is in force.';
  static override args = { id: Args.string({ required: true, description: 'id of the pipeline' }) };
  static override flags = { limit: Flags.integer({ description: 'how many', default: 20, min: 1, max: 1000 }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesVersions);
    const items = await this.hub(flags).list<Version>(pipelineAddress(args.id, '/versions'), flags.limit);
    this.table(
      items.map(({ version, createdAt, environments }) => ({
        version,
        deployed: ago(createdAt, Date.now()),
        'in force in': environments.join(', '),
      })),
      'There is no version.',
    );
    return { items };
  }
}
