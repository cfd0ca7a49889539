import { readFileSync } from 'node:fs';
import { Args } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { printFaults } from '../../pipeline-faults.ts';

export default class PipelinesValidate extends BaseCommand {
  static override description = 'Check pipeline files against the manifests of the installed plugins. Needs no hub; which connections exist is checked when deploying.';
  static override strict = false;
  static override args = { file: Args.string({ required: true, description: 'YAML or JSON files' }) };

  async run(): Promise<unknown> {
    const { argv } = await this.parse(PipelinesValidate);
    const [{ createOfflineChecker }, { FIRST_PARTY, findPlugins }] = await Promise.all([import('@tendril/engine'), import('../../wiring/plugin-sources.ts')]);
    const check = await createOfflineChecker(await findPlugins(FIRST_PARTY));
    const files = [];
    for (const file of argv as string[]) {
      const source = readFileSync(file, 'utf8');
      const faults = await check(source, file);
      printFaults(this, file, source, faults);
      if (faults.length === 0) this.log(`${file} is sound.`);
      files.push({ file, faults });
    }
    return { files };
  }
}
