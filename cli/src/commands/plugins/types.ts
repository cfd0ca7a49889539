import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { CommandFault, EXIT } from '../../failure.ts';

export default class PluginsTypes extends BaseCommand {
  static override description =
    "Generate TypeScript types from a plugin's manifest: settings, inputs and outputs of actions, items of triggers, bodies of routes, properties of events, rows of tables. Run it after every change of a schema.";
  static override examples = ['tendril plugins types', 'tendril plugins types ./acme_crm --check'];
  static override args = { dir: Args.string({ default: '.', description: "the plugin's folder" }) };
  static override flags = { check: Flags.boolean({ description: 'write nothing; fail when they are not up to date' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsTypes);
    const [{ readAuthorFolder }, { brokenFiles }, { checkTypes, isTyped }, { faultLines }] = await Promise.all([
      import('../../authoring/author-folder.ts'),
      import('../../authoring/check-folder.ts'),
      import('../../authoring/check-types.ts'),
      import('../../authoring/faults.ts'),
    ]);
    const folder = readAuthorFolder(args.dir);
    const broken = brokenFiles(folder);
    if (broken.length > 0) {
      process.exitCode = EXIT.refused;
      for (const line of faultLines(folder.path, broken)) this.logToStderr(line);
      return { id: folder.id, faults: broken };
    }
    if (flags.check && !isTyped(folder)) {
      this.log(`${folder.id} has no TypeScript, and needs no types.`);
      return { id: folder.id };
    }
    const { file, text, state } = await checkTypes(folder).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message.trim() : 'unknown';
      throw new CommandFault(
        `The types cannot be generated: ${reason}. \`tendril plugins validate\` says more.`,
        EXIT.refused,
        'TYPES_NOT_GENERATED',
      );
    });
    if (flags.check) {
      if (state !== 'current') {
        process.exitCode = EXIT.refused;
        this.logToStderr(`${file} is ${state === 'missing' ? 'missing' : 'behind plugin.json'}. Run \`tendril plugins types\`.`);
      } else this.log(`${file} is up to date.`);
      return { id: folder.id, file, state };
    }
    const path = join(folder.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    this.log(state === 'current' ? `${file} was up to date.` : `${file} written.`);
    return { id: folder.id, file, state: 'current', wasChanged: state !== 'current' };
  }
}
