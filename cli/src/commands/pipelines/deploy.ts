import { Args } from '@oclif/core';
import { TendrilError } from '@tendril/plugin-api';
import { HubCommand } from '../../base-command.ts';
import { EXIT } from '../../failure.ts';
import { readText } from '../../input.ts';
import { printFaults } from '../../pipeline-faults.ts';
import type { Fault } from '../../pipeline-faults.ts';

export default class PipelinesDeploy extends HubCommand {
  static override description = 'Check a pipeline and put it in force, all at once or not at all.';
  static override args = { file: Args.string({ required: true, description: 'YAML or JSON file' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesDeploy);
    const hub = this.hub(flags);
    const source = readText(args.file);
    try {
      const deployed = await hub.request<{ id: string; version: number }>('POST', '/v1/pipelines', { source, file: args.file });
      this.log(`Pipeline ${deployed.id} deployed as version ${deployed.version}.`);
      return deployed;
    } catch (error) {
      if (!TendrilError.is(error) || error.code !== 'PIPELINE_INVALID') throw error;
      if (this.jsonEnabled()) throw error;
      const faults = (error.details['faults'] ?? []) as readonly Fault[];
      printFaults(this, args.file, source, faults);
      this.logToStderr(`${faults.length} fault${faults.length === 1 ? '' : 's'}; nothing was deployed.`);
      process.exitCode = EXIT.refused;
      return undefined;
    }
  }
}
