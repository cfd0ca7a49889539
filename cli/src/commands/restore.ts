import { resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { findHome, isAlive, readJson } from '../home.ts';
import type { RunningHub } from '../home.ts';

export default class Restore extends BaseCommand {
  static override description = 'Put a backup in the place of the data. The hub must not run; what was there is kept beside it.';
  static override args = { folder: Args.string({ required: true, description: 'folder that `tendril backup` wrote' }) };
  static override flags = { yes: Flags.boolean({ description: 'do not ask' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Restore);
    const home = findHome(process.env);
    const running = readJson<RunningHub>(home.hubFile);
    if (running && isAlive(running.pid)) this.error(`A hub runs on ${home.folder} (process ${running.pid}). Stop it first.`, { exit: 3 });
    if (!flags.yes && !(await confirm(`Replace the data in ${home.folder}?`))) this.error('Nothing was changed.', { exit: 3 });
    const { restoreStores } = await import('@tendril/stores');
    const from = resolve(args.folder);
    await restoreStores(from, process.env['DATABASE_URL'] ?? home.folder);
    this.log(`Restored from ${from}. Start the hub with the master key that sealed it.`);
    return { from, to: home.folder };
  }
}

async function confirm(question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
