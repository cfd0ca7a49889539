import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { CommandFault } from '../../failure.ts';
import type { HubClient } from '../../hub-client.ts';
import { importLines } from '../../leads/import-view.ts';
import type { ShownImport } from '../../leads/import-view.ts';
import { applyMappingFlags } from '../../leads/mapping-flags.ts';
import type { Meaning } from '../../leads/mapping-flags.ts';
import { openCsv } from '../../leads/read-csv.ts';
import type { CsvFile } from '../../leads/read-csv.ts';
import { REFUSAL_COLUMNS, tellsOfRefusals, writeRefusedRows } from '../../leads/refused-rows.ts';
import type { RefusedRow } from '../../leads/refused-rows.ts';
import { chunkRows, sendChunks } from '../../leads/send-rows.ts';
import type { ChunkAnswer } from '../../leads/send-rows.ts';
import { interruption } from '../../interrupt.ts';
import { createProgressBar } from '../../progress-bar.ts';

const SAMPLE_ROWS = 100;

interface Suggestion extends Meaning {
  readonly items: readonly { readonly column: string; readonly to?: string; readonly type: string; readonly reason: string }[];
  readonly consent?: { readonly column: string; readonly optIn?: readonly string[]; readonly optOut?: readonly string[] };
}

interface ImportFlags {
  readonly map: readonly string[] | undefined;
  readonly consent: string | undefined;
  readonly 'opt-in': readonly string[] | undefined;
  readonly 'opt-out': readonly string[] | undefined;
}

export default class LeadsImport extends HubCommand {
  static override description =
    'Import leads from a CSV file. Its columns are understood by their names and cells; --dry-run shows how, --map tells otherwise. What broke off goes on with --resume.';
  static override examples = [
    'tendril leads import fair.csv --dry-run',
    "tendril leads import fair.csv --map 'Mail=email' --map 'Employees=companySize:number' --map 'Notes='",
    'tendril leads import fair.csv --consent Newsletter --opt-in yes --opt-out no',
    'tendril leads import fair.csv --resume i0123456789abcdef',
  ];
  static override args = { file: Args.string({ required: true, description: 'CSV file whose first line names the columns' }) };
  static override flags = {
    map: Flags.string({ description: 'column=trait, column=trait:number, or column= to leave it out', multiple: true }),
    consent: Flags.string({ description: 'column that tells whether somebody agreed to marketing' }),
    'opt-in': Flags.string({ description: 'word in it for yes', multiple: true, dependsOn: ['consent'] }),
    'opt-out': Flags.string({
      description: 'word in it for no: nothing is sent to them for it',
      multiple: true,
      dependsOn: ['consent'],
    }),
    name: Flags.string({ description: 'what the import is called; the name of the file unless told' }),
    source: Flags.string({ description: 'where the leads come from, noted with each' }),
    live: Flags.boolean({ description: 'let the rows start pipelines, as if they happened now' }),
    delimiter: Flags.string({ description: 'what stands between cells; found out unless told' }),
    encoding: Flags.string({ description: 'encoding of the file', default: 'utf-8' }),
    'dry-run': Flags.boolean({ description: 'show what the columns would mean, import nothing' }),
    resume: Flags.string({
      description: 'id of an import that broke off',
      exclusive: ['map', 'dry-run', 'consent', 'name', 'source', 'live'],
    }),
    refusals: Flags.string({ description: 'file for refused rows; beside the file unless told' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(LeadsImport);
    const { delimiter } = flags;
    const file = await openCsv(args.file, {
      encoding: flags.encoding,
      ...(delimiter === undefined ? {} : { delimiter: delimiter === '\\t' ? '\t' : delimiter }),
    });
    const hub = this.hub(flags);
    const suggestion = flags.resume === undefined ? await this.#suggest(hub, file) : undefined;
    if (suggestion !== undefined && flags['dry-run']) return this.#show(file, this.#meaning(suggestion, flags, file));
    const begun =
      suggestion === undefined
        ? await this.#reopen(hub, flags.resume ?? '', file)
        : await callAction<ShownImport>(
            hub,
            'leads.create_import',
            {
              name: flags.name ?? basename(args.file),
              fileName: basename(args.file),
              sizeBytes: file.sizeBytes,
              columns: file.columns,
              ...this.#meaning(suggestion, flags, file),
              isImported: !flags.live,
              ...(flags.source === undefined ? {} : { source: flags.source }),
            },
            randomUUID(),
          );
    if (!(await this.#send(hub, file, begun))) return begun;
    const finished = await callAction<ShownImport>(hub, 'leads.finish_import', { import: begun.id });
    for (const line of importLines(finished)) this.log(line);
    const refusals = flags.refusals ?? `${args.file}.refused.csv`;
    const isWritten = finished.refusalsKept > 0 && (await this.#writeRefusals(hub, file, finished, refusals));
    return isWritten ? { ...finished, refusalsFile: refusals } : finished;
  }

  async #suggest(hub: HubClient, file: CsvFile): Promise<Suggestion> {
    const sample: (readonly string[])[] = [];
    for await (const { cells } of file.rows()) {
      sample.push(cells.slice(0, file.columns.length).map((cell) => cell.slice(0, 300)));
      if (sample.length === SAMPLE_ROWS) break;
    }
    if (sample.length === 0) throw new CommandFault('There are no rows behind the head.');
    return callAction<Suggestion>(hub, 'leads.suggest_mapping', { columns: file.columns, sample });
  }

  #meaning(suggestion: Suggestion, flags: ImportFlags, { columns }: CsvFile): Meaning & { readonly consent?: Suggestion['consent'] } {
    const leftOut = tellsOfRefusals(columns) ? REFUSAL_COLUMNS.map((column) => `${column}=`) : [];
    const meaning = applyMappingFlags(suggestion, [...leftOut, ...(flags.map ?? [])], columns);
    const { consent: column, 'opt-in': optIn = [], 'opt-out': optOut = [] } = flags;
    if (column === undefined) return suggestion.consent === undefined ? meaning : { ...meaning, consent: suggestion.consent };
    if (optIn.length + optOut.length === 0) throw new CommandFault('Say with --opt-in and --opt-out which words mean yes and no.');
    return { ...meaning, consent: { column, ...(optIn.length === 0 ? {} : { optIn }), ...(optOut.length === 0 ? {} : { optOut }) } };
  }

  #show(file: CsvFile, meaning: Meaning & { readonly consent?: Suggestion['consent'] }): unknown {
    this.table(
      file.columns.map((column) => ({
        column,
        says: meaning.consent?.column === column ? 'consent' : (meaning.mapping[column] ?? '(left out)'),
        as: meaning.mapping[column] === undefined ? '' : (meaning.types[column] ?? 'text'),
      })),
      'There are no columns.',
    );
    return { columns: file.columns, delimiter: file.delimiter, ...meaning };
  }

  async #reopen(hub: HubClient, id: string, file: CsvFile): Promise<ShownImport> {
    const begun = await callAction<ShownImport>(hub, 'leads.import', { id });
    if (begun.state !== 'open') throw new CommandFault(`The import is ${begun.state}.`);
    if (begun.columns.join('\0') !== file.columns.join('\0'))
      throw new CommandFault(`This is another file: the import has the columns ${begun.columns.join(', ')}.`);
    return begun;
  }

  /** @returns false when somebody asked to stop: calls on their way were waited for */
  async #send(hub: HubClient, file: CsvFile, { id, nextRow }: ShownImport): Promise<boolean> {
    const bar = createProgressBar('Importing');
    const { signal } = interruption();
    const goOn = `The import ${id} stays open: the same command with \`--resume ${id}\` goes on.`;
    try {
      await sendChunks(chunkRows(file.rows(), nextRow), {
        signal,
        send: ({ first, rows }) => callAction<ChunkAnswer>(hub, 'leads.import_rows', { import: id, first, rows }),
        atOnce: 3,
        onAnswer: ({ readBytes }) => bar.show(readBytes, file.sizeBytes),
        wait: async (ms) => pause(ms),
      });
    } catch (error) {
      bar.end();
      this.note(goOn);
      throw error;
    }
    bar.end();
    if (!signal.aborted) return true;
    this.note(goOn);
    process.exitCode = 130;
    return false;
  }

  async #writeRefusals(hub: HubClient, file: CsvFile, { id, rows, refusalsKept }: ShownImport, path: string): Promise<boolean> {
    const refused: RefusedRow[] = [];
    let cursor: string | undefined;
    do {
      const page: { items: readonly RefusedRow[]; nextCursor?: string } = await callAction(hub, 'leads.import_refusals', {
        import: id,
        limit: 1_000,
        ...(cursor === undefined ? {} : { cursor }),
      });
      refused.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    if (refused.length === 0) return false;
    await writeRefusedRows(path, file, refused);
    const part = refusalsKept < rows.refused ? `The first ${String(refused.length)} of them` : 'They';
    this.log(`${part} are in ${path}, with the reasons.`);
    return true;
  }
}
