import type { Command } from '@oclif/core';
import { EXIT } from './base-command.ts';

/** A fault of a pipeline file, as the checker gives it. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly pointer: string;
  readonly suggestion?: string;
}

/** Prints each fault as `file:line:column`, with the line it is in and the nearest valid name. Sets the exit code. */
export function printFaults(command: Command, file: string, source: string, faults: readonly Fault[]): { readonly faults: readonly Fault[] } {
  const lines = source.split('\n');
  for (const fault of faults) {
    command.logToStderr(`${file}:${fault.line}:${fault.column}  ${fault.message}${fault.suggestion === undefined ? '' : ` Did you mean \`${fault.suggestion}\`?`}  (${fault.code})`);
    const text = lines[fault.line - 1];
    if (text !== undefined) command.logToStderr(`    ${text}\n    ${' '.repeat(Math.max(0, fault.column - 1))}^`);
  }
  if (faults.length > 0) {
    command.logToStderr(`${faults.length} fault${faults.length === 1 ? '' : 's'}; nothing was deployed.`);
    process.exitCode = EXIT.refused;
  }
  return { faults };
}
