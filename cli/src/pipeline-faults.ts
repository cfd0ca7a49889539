import type { Command } from '@oclif/core';
import { EXIT } from './failure.ts';

/** A fault of a pipeline file, as the checker gives it. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly pointer: string;
  readonly suggestion?: string;
}

/** A fault as `file:line:column`, with the nearest valid name and the line that it is in. */
export function faultText(file: string, source: string, fault: Fault): string {
  const suggestion = fault.suggestion === undefined ? '' : ` Did you mean \`${fault.suggestion}\`?`;
  const place = `${file}:${fault.line}:${fault.column}  ${fault.message}${suggestion}  (${fault.code})`;
  const line = source.split(/\r?\n/)[fault.line - 1];
  // Tabs stay tabs, so that the mark stands below what it marks.
  const indent = line?.slice(0, Math.max(0, fault.column - 1)).replaceAll(/[^\t]/g, ' ');
  return line === undefined || line === '' ? place : `${place}\n    ${line}\n    ${indent ?? ''}^`;
}

/** Prints each fault on standard error. */
export function printFaults(command: Command, file: string, source: string, faults: readonly Fault[]): void {
  for (const fault of faults) command.logToStderr(faultText(file, source, fault));
}

/** Prints all faults and what they mean, and has the command end as refused; with `--json` they are in the answer. */
export function refuseFaults(command: Command, file: string, source: string, faults: readonly Fault[], consequence: string): void {
  process.exitCode = EXIT.refused;
  if (command.jsonEnabled()) return;
  printFaults(command, file, source, faults);
  command.logToStderr(`${faults.length} fault${faults.length === 1 ? '' : 's'}; ${consequence}.`);
}
