import { Command, Flags } from '@oclif/core';
import { CATALOGUE, TendrilError } from '@tendril/plugin-api';
import { createHubClient, findHub, HubUnreachable } from './hub-client.ts';
import type { HubClient } from './hub-client.ts';

/** What the exit codes mean; also in docs/cli.md. 2 is oclif's own for a wrong command line. */
export const EXIT = { failed: 1, refused: 3, unreachable: 4, tryAgain: 5 } as const;

/** What all commands share: `--json`, and errors that say what to do. */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;

  /** Writes rows as an aligned table, or says that there are none. */
  protected table(rows: readonly Readonly<Record<string, unknown>>[], empty: string): void {
    const [first] = rows;
    if (first === undefined) {
      this.log(empty);
      return;
    }
    const columns = Object.keys(first);
    const cells = [columns.map((column) => column.toUpperCase()), ...rows.map((row) => columns.map((column) => show(row[column])))];
    const widths = columns.map((_, index) => Math.max(...cells.map((line) => (line[index] ?? '').length)));
    for (const line of cells) this.log(line.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ').trimEnd());
  }

  protected override async catch(error: Error & { exitCode?: number }): Promise<unknown> {
    if (error instanceof HubUnreachable) return this.fail(error.message, EXIT.unreachable, { code: 'HUB_UNREACHABLE' });
    if (!TendrilError.is(error)) return super.catch(error);
    const { remedy, text } = CATALOGUE[error.code];
    const details = Object.keys(error.details).length > 0 ? `\n${describe(error.details)}` : '';
    return this.fail(`${text}${details}\n(${error.code})`, remedy === 'retry' ? EXIT.tryAgain : EXIT.refused, { code: error.code, details: error.details });
  }

  private fail(message: string, exit: number, json: object): void {
    process.exitCode = exit;
    if (this.jsonEnabled()) this.logJson({ error: { message, ...json } });
    else this.logToStderr(`Error: ${message}`);
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
  if (value === undefined || value === null) return '-';
  if (typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value as number | boolean);
}

function describe(details: Readonly<Record<string, unknown>>): string {
  return Object.entries(details)
    .map(([name, value]) => `  ${name}: ${show(value)}`)
    .join('\n');
}

/** `3 minutes ago`, for tables. */
export function ago(at: number | undefined, now: number): string {
  if (at === undefined) return '-';
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 86_400 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86_400)} d ago`;
}
