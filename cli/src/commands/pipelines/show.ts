import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { moment } from '../../instants.ts';
import { environmentFlag, pipelineAddress } from '../../pipeline-address.ts';

interface Pipeline {
  readonly id: string;
  readonly title: string;
  readonly environment: string;
  readonly version: number;
  readonly isPaused: boolean;
  readonly deployedAt: string;
  readonly settings: object;
  readonly trigger: object;
  readonly webhookPath?: string;
  readonly nextAt?: string;
  readonly source: string;
}

export default class PipelinesShow extends HubCommand {
  static override description = 'Show a deployed pipeline; --source gives its text as it was deployed.';
  static override args = { id: Args.string({ required: true, description: 'id of the pipeline' }) };
  static override flags = { ...environmentFlag, source: Flags.boolean({ description: 'only its text' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesShow);
    const hub = this.hub(flags);
    const pipeline = await hub.request<Pipeline>('GET', pipelineAddress(args.id, '', flags.environment));
    if (flags.source) this.log(pipeline.source.trimEnd());
    else for (const [name, value] of facts(pipeline, hub.address.url)) this.log(`${name.padEnd(12)} ${value}`);
    return pipeline;
  }
}

function facts(pipeline: Pipeline, url: string): readonly (readonly [string, string])[] {
  const { id, title, version, environment, isPaused, deployedAt, trigger, settings, webhookPath, nextAt } = pipeline;
  return [
    ['pipeline', title === id ? id : `${id}: ${title}`],
    ['version', `${version}, in ${environment} since ${moment(deployedAt)} UTC`],
    ['state', isPaused ? 'paused' : 'active'],
    ['trigger', JSON.stringify(trigger)],
    ['settings', JSON.stringify(settings)],
    ...(webhookPath === undefined ? [] : [['address', `${url}${webhookPath}`] as const]),
    ...(nextAt === undefined ? [] : [['next', `${moment(nextAt)} UTC`] as const]),
  ];
}
