import { resolve } from 'node:path';
import { Args } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { findHome, isAlive, readJson } from '../home.ts';
import type { RunningHub } from '../home.ts';

export default class Restore extends BaseCommand {
  static override description = 'Put a backup in the place of the data. The hub must not run, and there must be no data in the way.';
  static override args = { folder: Args.string({ required: true, description: 'folder that `tendril backup` wrote' }) };

  async run(): Promise<unknown> {
    const { args } = await this.parse(Restore);
    const home = findHome(process.env);
    const running = readJson<RunningHub>(home.hubFile);
    if (running && isAlive(running.pid)) this.error(`A hub runs on ${home.folder} (process ${running.pid}). Stop it first.`, { exit: 3 });
    const { restoreStores } = await import('@tendril/stores');
    const from = resolve(args.folder);
    await restoreStores(from, { folder: home.folder, databaseUrl: process.env['DATABASE_URL'] });
    this.log(`Restored from ${from}. Start the hub with the master key that sealed it.`);
    return { from, to: home.folder };
  }
}
