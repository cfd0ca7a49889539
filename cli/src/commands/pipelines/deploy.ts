import { Args } from '@oclif/core';
import { TendrilError } from '@tendril/plugin-api';
import { HubCommand } from '../../base-command.ts';
import { readText } from '../../input.ts';
import { environmentFlag, queryOf } from '../../pipeline-address.ts';
import { refuseFaults } from '../../pipeline-faults.ts';
import type { Fault } from '../../pipeline-faults.ts';

interface Deployed {
  readonly id: string;
  readonly version: number;
  readonly environment: string;
  readonly webhookPath?: string;
}

export default class PipelinesDeploy extends HubCommand {
  static override description =
    'Check a pipeline and put it in force, all at once or not at all. Runs in flight keep the version they have.';
  static override args = { file: Args.string({ required: true, description: 'YAML or JSON file; - is standard input' }) };
  static override flags = environmentFlag;

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesDeploy);
    const hub = this.hub(flags);
    const source = readText(args.file);
    try {
      const deployed = await hub.request<Deployed>('POST', `/v1/pipelines${queryOf({ environment: flags.environment })}`, {
        source,
        file: args.file,
      });
      this.log(`Pipeline ${deployed.id} deployed as version ${deployed.version}${placeOf(deployed.environment)}.`);
      if (deployed.webhookPath !== undefined) this.log(`It is called at ${hub.address.url}${deployed.webhookPath}`);
      return deployed;
    } catch (error) {
      if (!TendrilError.is(error) || error.code !== 'PIPELINE_INVALID' || this.jsonEnabled()) throw error;
      refuseFaults(this, args.file, source, (error.details['faults'] ?? []) as readonly Fault[], 'nothing was deployed');
      return undefined;
    }
  }
}

function placeOf(environment: string): string {
  return environment === 'production' ? '' : ` in ${environment}`;
}
