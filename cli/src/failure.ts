import { CATALOGUE, TendrilError } from '@tendril/plugin-api';
import { HubUnreachable } from './hub-client.ts';

/** What the exit codes mean; also in docs/cli.md. */
export const EXIT = { failed: 1, commandLine: 2, refused: 3, unreachable: 4, tryAgain: 5 } as const;

/** A command that cannot go on, for a reason of its own: nothing that the hub said. */
export class CommandFault extends Error {
  override readonly name = 'CommandFault';
  readonly exit: number;
  readonly code: string;

  constructor(message: string, exit: number = EXIT.refused, code = exit === EXIT.commandLine ? 'COMMAND_LINE_INVALID' : 'REFUSED') {
    super(message);
    this.exit = exit;
    this.code = code;
  }
}

/** A failure as a command shows it: to people as text, with `--json` as one document. */
export interface Failure {
  readonly message: string;
  readonly exit: number;
  readonly code: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What a failure means to the one who typed the command. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof CommandFault) return { message: error.message, exit: error.exit, code: error.code };
  if (error instanceof HubUnreachable) return { message: error.message, exit: EXIT.unreachable, code: 'HUB_UNREACHABLE' };
  if (TendrilError.is(error)) return describeTendrilError(error);
  const message = error instanceof Error ? error.message : String(error);
  const fileFailure = describeFileFailure(error);
  if (fileFailure !== undefined) return { message: fileFailure, exit: EXIT.refused, code: 'FILE_UNUSABLE' };
  const exit = exitOfOclif(error);
  if (exit === EXIT.commandLine) return { message, exit, code: 'COMMAND_LINE_INVALID' };
  return { message, exit: exit ?? EXIT.failed, code: 'INTERNAL' };
}

/** A failure as lines of text. */
export function failureText({ message, code, details }: Failure): string {
  const lines = details === undefined ? [] : Object.entries(details).flatMap(([name, value]) => detailLines(name, value));
  const named = code in CATALOGUE ? [`(${code})`] : [];
  return [`Error: ${message}`, ...lines, ...named].join('\n');
}

const REMEDY_EXITS = { 'fix-input': EXIT.refused, reconnect: EXIT.refused, retry: EXIT.tryAgain, report: EXIT.failed } as const;

function describeTendrilError(error: TendrilError): Failure {
  const { remedy, text } = CATALOGUE[error.code];
  const hasDetails = Object.keys(error.details).length > 0;
  const message = error.code === 'NOT_FOUND' ? (nameMissing(error.details) ?? text) : text;
  return { message, exit: REMEDY_EXITS[remedy], code: error.code, ...(hasDetails ? { details: error.details } : {}) };
}

/** What was asked for by name and is not there. */
const NAMED = ['person', 'group', 'segment', 'trait', 'place', 'link', 'pair', 'lead', 'owner', 'form', 'import'];

function nameMissing(details: Readonly<Record<string, unknown>>): string | undefined {
  // Beside what is missing, such as a version, stands whose it would be.
  const { field = 'id' } = details;
  if (field !== 'id' && field !== 'name' && !NAMED.some((each) => each === field)) return undefined;
  const kind = NAMED.find((each) => typeof details[each] === 'string' && details[each] !== '');
  return kind === undefined ? undefined : `There is no ${kind} \`${String(details[kind])}\`.`;
}

const FILE_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is nothing of this name',
  EACCES: 'access is denied',
  EPERM: 'access is denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'something else is in its place',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
};

function describeFileFailure(error: unknown): string | undefined {
  const { code, path } = (typeof error === 'object' && error !== null ? error : {}) as NodeJS.ErrnoException;
  const reason = code === undefined ? undefined : FILE_REASONS[code];
  return reason === undefined || path === undefined ? undefined : `${path} cannot be used: ${reason}.`;
}

function exitOfOclif(error: unknown): number | undefined {
  const { oclif } = (typeof error === 'object' && error !== null ? error : {}) as { oclif?: { exit?: number } };
  return oclif?.exit;
}

function detailLines(name: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null && 'message' in item)) {
    return [`  ${name}:`, ...(value as readonly Problem[]).map(problemLine)];
  }
  return [`  ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`];
}

interface Problem {
  readonly pointer?: string;
  readonly message: string;
  readonly suggestion?: string;
}

function problemLine({ pointer, message, suggestion }: Problem): string {
  return `    ${pointer === undefined || pointer === '' ? '(the whole)' : pointer}: ${message}${suggestion === undefined ? '' : ` Did you mean \`${suggestion}\`?`}`;
}
