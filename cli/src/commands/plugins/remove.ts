import { existsSync } from 'node:fs';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { CommandFault, EXIT } from '../../failure.ts';
import { answered, canAsk, confirmed } from '../../operator/ask.ts';
import { clearUnnamed } from '../../operator/clear-unnamed.ts';
import { localHub, reloadHub } from '../../operator/local-hub.ts';
import { changeLock, findPluginHome } from '../../operator/plugin-home.ts';
import { deleteData, disableBefore, exportData, notInstalled } from '../../operator/plugin-removal.ts';

type DataChoice = 'keep' | 'export' | 'delete';

export default class PluginsRemove extends BaseCommand {
  static override description =
    'Remove an installed plugin. What it keeps stays unless told otherwise, and is there again after another install.';
  static override examples = [
    'tendril plugins remove acme_crm',
    'tendril plugins remove acme_crm --export acme_crm.ndjson',
    'tendril plugins remove acme_crm --delete-data --yes',
  ];
  static override args = { id: Args.string({ required: true, description: 'id of the plugin' }) };
  static override flags = {
    'keep-data': Flags.boolean({ description: 'leave what it keeps where it is', exclusive: ['export', 'delete-data'] }),
    export: Flags.string({
      description: 'write what it keeps for the tenant to a file, a JSON object a line, and leave it',
      exclusive: ['keep-data'],
    }),
    'delete-data': Flags.boolean({
      description: 'delete what it keeps for the tenant; with --export, after it was written',
      exclusive: ['keep-data'],
    }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsRemove);
    const { id } = args;
    const place = findPluginHome(process.env);
    const { readLock, withPlugin } = await import('@tendril/registry');
    if ((await readLock(place.lockFile)).plugins[id] === undefined) notInstalled(id);
    const hub = localHub(place, process.env);
    const choice = await this.choose(id, { ...flags, isHubThere: hub !== undefined });
    if (hub === undefined && (choice.isDeleted || choice.file !== undefined))
      throw new CommandFault(
        `What ${id} keeps is reached through a running hub only: \`tendril start\`, then again.`,
        EXIT.unreachable,
        'HUB_UNREACHABLE',
      );
    if (hub !== undefined) {
      // First what can be refused: nothing is removed then.
      await disableBefore(hub, id);
      if (choice.file !== undefined) {
        await exportData(hub, id, choice.file);
        if (choice.file !== '-') this.log(`What ${id} keeps is in ${choice.file}.`);
      }
      if (choice.isDeleted) await deleteData(hub, id);
    }
    let version = '';
    await changeLock(place, async (lock) => {
      const pinned = lock.plugins[id];
      version = pinned?.version ?? '';
      return Promise.resolve(pinned === undefined ? undefined : withPlugin(lock, id, undefined));
    });
    const { says, reloaded, isBehind } = await reloadHub(place, process.env);
    if (!isBehind) await clearUnnamed(place);
    this.log(`${id} ${version} is removed. ${says}`);
    const kept = choice.isDeleted ? 'deleted' : 'kept';
    return {
      id,
      version,
      data: kept,
      ...(choice.file === undefined ? {} : { export: choice.file }),
      ...(reloaded === undefined ? {} : { reloaded }),
    };
  }

  private async choose(
    id: string,
    flags: {
      readonly 'keep-data': boolean;
      readonly export: string | undefined;
      readonly 'delete-data': boolean;
      readonly yes: boolean;
      readonly isHubThere: boolean;
    },
  ): Promise<{ readonly isDeleted: boolean; readonly file: string | undefined }> {
    const isJson = this.jsonEnabled();
    const isSaid = flags['keep-data'] || flags.export !== undefined || flags['delete-data'];
    const asked = isSaid || flags.yes || !flags.isHubThere || !canAsk(isJson) ? undefined : await askData(id);
    const file = flags.export ?? (asked === 'export' ? `${id}.ndjson` : undefined);
    const isDeleted = flags['delete-data'] || asked === 'delete';
    if (file !== undefined && file !== '-' && existsSync(file))
      throw new CommandFault(`${file} is there already; name another file.`, EXIT.refused, 'FILE_UNUSABLE');
    if (isDeleted && !flags.yes && !(await confirmed(`Delete what ${id} keeps, for good?`, { isJson, otherwise: 'Say --yes.' })))
      throw new CommandFault(`${id} was not removed.`, EXIT.refused, 'NOT_CONFIRMED');
    return { isDeleted, file };
  }
}

async function askData(id: string): Promise<DataChoice> {
  const { select } = await import('@inquirer/prompts');
  return answered(
    select<DataChoice>(
      {
        message: `What becomes of what ${id} keeps?`,
        default: 'keep',
        choices: [
          { name: 'keep it, for when it is installed again', value: 'keep' },
          { name: `write it to ${id}.ndjson, and keep it`, value: 'export' },
          { name: 'delete it', value: 'delete' },
        ],
      },
      { output: process.stderr },
    ),
  );
}
