import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { CommandFault } from '../../failure.ts';
import { environmentFlag, pipelineAddress, readMeantPipeline } from '../../pipeline-address.ts';

export default class PipelinesGraph extends HubCommand {
  static override description = 'Draw a pipeline as a Mermaid flowchart. Of a file no hub is asked.';
  static override args = { pipeline: Args.string({ required: true, description: 'YAML or JSON file, or id of a deployed pipeline' }) };
  static override flags = environmentFlag;

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesGraph);
    const { graphPipeline, readDefinition } = await import('@tendril/engine');
    const meant = readMeantPipeline(args.pipeline);
    const { source } =
      'source' in meant
        ? meant
        : await this.hub(flags).request<{ source: string }>('GET', pipelineAddress(meant.id, '', flags.environment));
    const definition = readDefinition(source);
    if (definition === undefined)
      throw new CommandFault(`${args.pipeline} is no sound pipeline; \`tendril pipelines validate ${args.pipeline}\` tells why.`);
    const mermaid = graphPipeline(definition);
    this.log(mermaid.trimEnd());
    return { pipeline: definition.pipeline, mermaid };
  }
}
