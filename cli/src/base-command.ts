import { Command, Flags } from '@oclif/core';
import { CommandFault, describeFailure, EXIT, failureText } from './failure.ts';
import { createHubClient, findHub } from './hub-client.ts';
import type { HubClient } from './hub-client.ts';
import { showControls } from './show-controls.ts';

/** What all commands share: `--json`, and errors that say what to do. */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;

  /** What others wrote may hold characters that command a terminal: they are shown, not obeyed. */
  override log(message?: string, ...values: unknown[]): void {
    super.log(message === undefined ? undefined : showControls(message), ...values);
  }

  /** Writes rows as an aligned table, or says that there are none. @param indent stands before every line */
  protected table(rows: readonly Readonly<Record<string, unknown>>[], empty: string, indent = ''): void {
    const [first] = rows;
    if (first === undefined) {
      this.log(`${indent}${empty}`);
      return;
    }
    const columns = Object.keys(first);
    const cells = [columns.map((column) => column.toUpperCase()), ...rows.map((row) => columns.map((column) => show(row[column])))];
    const widths = columns.map((_, index) => Math.max(...cells.map((line) => (line[index] ?? '').length)));
    for (const line of cells) {
      const text = line.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ');
      this.log(`${indent}${text}`.trimEnd());
    }
  }

  /** Says something beside the answer, on standard error, so that standard output stays clean; with `--json` too. */
  protected note(text: string): void {
    process.stderr.write(`${showControls(text)}\n`);
  }

  protected override async catch(error: Error & { exitCode?: number }): Promise<unknown> {
    const failure = describeFailure(error);
    // oclif shows the command's usage with what is wrong in its line.
    if (failure.exit === EXIT.commandLine && !(error instanceof CommandFault) && !this.jsonEnabled()) return super.catch(error);
    process.exitCode = failure.exit;
    const { exit: _exit, ...shown } = failure;
    if (this.jsonEnabled()) super.logJson({ error: shown });
    else this.logToStderr(showControls(failureText(failure)));
    if (failure.code === 'INTERNAL' && process.env['DEBUG'] !== undefined) this.logToStderr(error.stack ?? '');
    return undefined;
  }
}

/** A command that asks a running hub. */
export abstract class HubCommand extends BaseCommand {
  static override baseFlags = {
    url: Flags.string({ description: 'the hub to talk to; else TENDRIL_URL, else the one that runs on the data folder', helpGroup: 'HUB' }),
    key: Flags.string({ description: 'a secret key; else TENDRIL_KEY, else the local one', helpGroup: 'HUB' }),
  };

  /** The hub that the flags, the environment or the data folder name. */
  protected hub(flags: { readonly url?: string | undefined; readonly key?: string | undefined }): HubClient {
    return createHubClient(findHub(flags, process.env));
  }
}

function show(value: unknown): string {
  if (value === undefined || value === null || value === '') return '-';
  return typeof value === 'string' ? value.replaceAll(/\r\n|[\r\n\t]/g, ' ') : JSON.stringify(value);
}
