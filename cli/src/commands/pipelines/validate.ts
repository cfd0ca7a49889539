import { Args } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { EXIT } from '../../failure.ts';
import { readText } from '../../input.ts';
import { printFaults } from '../../pipeline-faults.ts';

export default class PipelinesValidate extends BaseCommand {
  static override description =
    'Check pipeline files against the manifests of the installed plugins. Needs no hub; which connections exist is checked when deploying.';
  static override strict = false;
  static override args = { file: Args.string({ required: true, description: 'YAML or JSON files' }) };

  async run(): Promise<unknown> {
    const { argv } = await this.parse(PipelinesValidate);
    const [{ createOfflineChecker }, { FIRST_PARTY, findPluginFolders, findPlugins }, { readList }] = await Promise.all([
      import('@tendril/engine'),
      import('../../wiring/plugin-sources.ts'),
      import('../../wiring/environment.ts'),
    ]);
    const developed = await findPluginFolders(readList(process.env['TENDRIL_PLUGINS']));
    const check = await createOfflineChecker([...(await findPlugins(FIRST_PARTY)), ...developed]);
    const files = [];
    for (const file of argv as string[]) {
      const source = readText(file);
      const faults = await check(source, file);
      if (!this.jsonEnabled()) printFaults(this, file, source, faults);
      if (faults.length > 0) process.exitCode = EXIT.refused;
      if (faults.length === 0) this.log(`${file} is sound.`);
      files.push({ file, faults });
    }
    return { files };
  }
}
