import { writeFileSync } from 'node:fs';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { EXIT } from '../../failure.ts';
import { readText } from '../../input.ts';
import { printFaults } from '../../pipeline-faults.ts';

export default class PipelinesFmt extends BaseCommand {
  static override description =
    'Write pipeline files the one way: keys in the order of the schema, two spaces. Comments stay. - reads standard input and writes standard output.';
  static override strict = false;
  static override args = { file: Args.string({ required: true, description: 'YAML or JSON files' }) };
  static override flags = { check: Flags.boolean({ description: 'change nothing; exit code 1 when a file would change' }) };

  async run(): Promise<unknown> {
    const { argv, flags } = await this.parse(PipelinesFmt);
    const { formatPipeline } = await import('@tendril/engine');
    const files = [];
    for (const file of argv as string[]) {
      const source = readText(file);
      const formatted = formatPipeline(source, file);
      if ('faults' in formatted) {
        if (!this.jsonEnabled()) printFaults(this, file, source, formatted.faults);
        process.exitCode = EXIT.refused;
        files.push({ file, isChanged: false, faults: formatted.faults });
        continue;
      }
      const isChanged = formatted.text !== source;
      this.#put(file, formatted.text, { isChanged, isCheck: flags.check });
      files.push({ file, isChanged, ...(file === '-' ? { text: formatted.text } : {}) });
    }
    return { files };
  }

  #put(file: string, text: string, { isChanged, isCheck }: { readonly isChanged: boolean; readonly isCheck: boolean }): void {
    if (isCheck) {
      if (isChanged) process.exitCode ??= EXIT.failed;
      if (isChanged) this.logToStderr(`${file} is not formatted; \`tendril pipelines fmt ${file}\` does it.`);
      return;
    }
    if (file === '-') this.log(text.trimEnd());
    else if (isChanged) {
      writeFileSync(file, text);
      this.log(`${file} formatted.`);
    }
  }
}
