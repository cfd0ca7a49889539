import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Args } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { CommandFault } from '../failure.ts';
import { findHome, keepPrivate } from '../home.ts';

export default class Backup extends BaseCommand {
  static override description =
    'Write a consistent copy of log and state into a folder, while the hub runs or not. The copy is sealed: keep the master key apart from it.';
  static override args = { folder: Args.string({ required: true, description: 'an empty folder; it is made' }) };

  async run(): Promise<unknown> {
    const { args } = await this.parse(Backup);
    const target = resolve(args.folder);
    const home = findHome(process.env);
    keepPrivate(home.folder);
    const databaseUrl = process.env['DATABASE_URL'];
    // Opening the stores would make new, empty ones.
    if (databaseUrl === undefined && !existsSync(join(home.folder, 'state.db')))
      throw new CommandFault(`There is no data at ${home.folder}.`);
    mkdirSync(target, { recursive: true, mode: 0o700 });
    if (readdirSync(target).length > 0) throw new CommandFault(`${target} is not empty.`);
    const { backupStores, openStores } = await import('@tendril/stores');
    const stores = await openStores({ folder: home.folder, ...(databaseUrl === undefined ? {} : { databaseUrl }) });
    try {
      await backupStores(stores, target);
    } finally {
      await stores.log.close();
      await stores.state.close();
    }
    this.log(`Backup written to ${target}. It opens only with this installation's master key (${home.keyFile}).`);
    return { folder: target, keyFile: home.keyFile };
  }
}
