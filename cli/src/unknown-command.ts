import { CommandFault, EXIT } from './failure.ts';

/**
 * What to say of a command that does not exist.
 *
 * @param id as oclif gives it, with colons between its words
 * @param known ids of all commands
 */
export async function unknownCommand(id: string, known: readonly string[]): Promise<CommandFault> {
  const { nearestName } = await import('@tendril/engine');
  const readable = (name: string): string => name.replaceAll(':', ' ');
  const meant = nearestName(id, known);
  const suggestion = meant === undefined ? '' : ` Did you mean \`tendril ${readable(meant)}\`?`;
  return new CommandFault(`There is no command \`tendril ${readable(id)}\`.${suggestion} \`tendril --help\` lists all.`, EXIT.commandLine);
}
