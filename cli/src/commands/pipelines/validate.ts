import { Args } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { EXIT } from '../../failure.ts';
import { readText } from '../../input.ts';
import { findOfflinePlugins } from '../../offline.ts';
import { printFaults } from '../../pipeline-faults.ts';

export default class PipelinesValidate extends BaseCommand {
  static override description =
    'Check pipeline files against the manifests of the installed plugins. Needs no hub; files that are named together may call one another. Which connections exist is checked when deploying.';
  static override strict = false;
  static override args = { file: Args.string({ required: true, description: 'YAML or JSON files' }) };

  async run(): Promise<unknown> {
    const { argv } = await this.parse(PipelinesValidate);
    const { createOfflineChecker } = await import('@tendril/engine');
    const check = await createOfflineChecker(await findOfflinePlugins());
    const texts = (argv as string[]).map((file) => ({ file, text: readText(file) }));
    const files = [];
    for (const { file, text } of texts) {
      const faults = await check(text, file, texts);
      if (!this.jsonEnabled()) printFaults(this, file, text, faults);
      if (faults.length > 0) process.exitCode = EXIT.refused;
      if (faults.length === 0) this.log(`${file} is sound.`);
      files.push({ file, faults });
    }
    return { files };
  }
}
