import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { EXIT } from '../../failure.ts';

export default class PluginsValidate extends BaseCommand {
  static override description =
    'Check a plugin that is being written: manifest, schemas, examples, code, and what good plugins have. Every fault is shown with its place and how to mend it. Needs no hub and runs none of the code unless asked.';
  static override examples = ['tendril plugins validate', 'tendril plugins validate ./acme_crm --run'];
  static override args = { dir: Args.string({ default: '.', description: "the plugin's folder" }) };
  static override flags = {
    run: Flags.boolean({ description: 'import the code, too, and compare what it registers with what the manifest declares' }),
    strict: Flags.boolean({ description: 'take warnings as faults' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsValidate);
    const [{ readAuthorFolder }, { checkFolder }, { countFaults, faultLines }] = await Promise.all([
      import('../../authoring/author-folder.ts'),
      import('../../authoring/check-folder.ts'),
      import('../../authoring/faults.ts'),
    ]);
    const folder = readAuthorFolder(args.dir);
    const { faults, isSound } = await checkFolder(folder, { isRun: flags.run });
    const isRefused = !isSound || (flags.strict && faults.length > 0);
    if (isRefused) process.exitCode = EXIT.refused;
    for (const line of faultLines(folder.path, faults)) this.logToStderr(line);
    if (isRefused) this.logToStderr(`${countFaults(faults)}.`);
    else this.log(`${folder.id} is sound${faults.length > 0 ? ` (${countFaults(faults)})` : ''}.`);
    return { id: folder.id, dir: folder.path, isSound: !isRefused, faults };
  }
}
