import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { CommandFault, EXIT } from '../../failure.ts';
import { environmentFlag, pipelineAddress } from '../../pipeline-address.ts';

interface Pipeline {
  readonly settings: Readonly<Record<string, unknown>>;
}

export default class PipelinesSettings extends HubCommand {
  static override description = "Show a pipeline's settings, or change some: they hold for runs that start from now on.";
  static override examples = ['tendril pipelines settings qualify_lead', 'tendril pipelines settings qualify_lead threshold=0.4'];
  static override strict = false;
  static override args = { id: Args.string({ required: true, description: 'id of the pipeline' }) };
  static override flags = environmentFlag;

  async run(): Promise<unknown> {
    const { args, argv, flags } = await this.parse(PipelinesSettings);
    const hub = this.hub(flags);
    const address = (rest = ''): string => pipelineAddress(args.id, rest, flags.environment);
    const { settings } = await hub.request<Pipeline>('GET', address());
    const changes = (argv as string[]).slice(1).map(readPair);
    const changed = { settings: { ...settings, ...Object.fromEntries(changes) } };
    const result = changes.length === 0 ? settings : (await hub.request<Pipeline>('PUT', address('/settings'), changed)).settings;
    this.table(
      Object.entries(result).map(([name, value]) => ({ setting: name, value: JSON.stringify(value) })),
      'This pipeline has no settings.',
    );
    return { settings: result };
  }
}

function readPair(pair: string): readonly [string, unknown] {
  const at = pair.indexOf('=');
  if (at < 1) throw new CommandFault(`\`${pair}\` is not of the form name=value.`, EXIT.commandLine);
  const text = pair.slice(at + 1);
  try {
    return [pair.slice(0, at), JSON.parse(text)];
  } catch {
    return [pair.slice(0, at), text];
  }
}
