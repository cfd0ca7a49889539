import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { CommandFault } from '../../failure.ts';
import { readText } from '../../input.ts';
import { environmentFlag, pipelineAddress } from '../../pipeline-address.ts';

export default class PipelinesDiff extends HubCommand {
  static override description =
    'Show how a pipeline file differs from what is deployed, or two files from each other, in what they do: layout and comments make no difference.';
  static override examples = ['tendril pipelines diff welcome.yaml', 'tendril pipelines diff old.yaml new.yaml'];
  static override args = {
    file: Args.string({ required: true, description: 'YAML or JSON file' }),
    other: Args.string({ description: 'the newer file: then no hub is asked' }),
  };
  static override flags = environmentFlag;

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesDiff);
    const { diffPipelines, diffText, readDefinition } = await import('@tendril/engine');
    const read = (text: string, file: string): NonNullable<ReturnType<typeof readDefinition>> => {
      const definition = readDefinition(text);
      if (definition === undefined)
        throw new CommandFault(`${file} is no sound pipeline; \`tendril pipelines validate ${file}\` tells why.`);
      return definition;
    };
    const given = read(readText(args.file), args.file);
    if (args.other !== undefined) {
      const diff = diffPipelines(given, read(readText(args.other), args.other));
      this.log(diffText(diff).trimEnd());
      return diff;
    }
    const address = pipelineAddress(given.pipeline, '', flags.environment);
    const deployed = await this.hub(flags).request<{ source: string; version: number }>('GET', address);
    const diff = diffPipelines(read(deployed.source, `version ${deployed.version}`), given, { before: deployed.version });
    this.log(diffText(diff).trimEnd());
    return { ...diff, version: deployed.version };
  }
}
