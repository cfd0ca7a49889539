import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Args } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { CommandFault } from '../failure.ts';
import { findHome, keepPrivate } from '../home.ts';

export default class Restore extends BaseCommand {
  static override description = 'Put a backup in the place of the data. The hub must not run, and there must be no data in the way.';
  static override args = { folder: Args.string({ required: true, description: 'folder that `tendril backup` wrote' }) };

  async run(): Promise<unknown> {
    const { args } = await this.parse(Restore);
    const from = resolve(args.folder);
    if (!existsSync(from)) throw new CommandFault(`There is no folder ${from}.`);
    const home = findHome(process.env);
    keepPrivate(home.folder);
    if (existsSync(join(home.folder, 'state.db')) || existsSync(join(home.folder, 'log.db'))) {
      throw new CommandFault(`There is data in ${home.folder} already. Move it away, or set TENDRIL_HOME to another folder.`);
    }
    const [{ restoreStores }, { lockHome }] = await Promise.all([import('@tendril/stores'), import('../wiring/hub-lock.ts')]);
    const lock = await lockHome(home);
    try {
      await restoreStores(from, { folder: home.folder, databaseUrl: process.env['DATABASE_URL'] });
    } finally {
      lock.release();
    }
    this.log(`Restored from ${from} to ${home.folder}.`);
    if (!existsSync(home.keyFile)) this.log(`Before you start the hub, put the master key that sealed it into ${home.keyFile}.`);
    return { from, to: home.folder, keyFile: home.keyFile, isKeyThere: existsSync(home.keyFile) };
  }
}
