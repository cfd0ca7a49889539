import { CommandFault, EXIT } from '../failure.ts';

/** Whether somebody is there to answer. With `--json` a program reads: nobody is asked. */
export function canAsk(isJson: boolean): boolean {
  return !isJson && process.stdin.isTTY && process.stderr.isTTY;
}

/**
 * Asks for a yes; what is not a clear yes is a no.
 *
 * @param otherwise what to do where nobody can be asked
 * @throws CommandFault when nobody can be asked
 */
export async function confirmed(
  question: string,
  { isJson, otherwise }: { readonly isJson: boolean; readonly otherwise: string },
): Promise<boolean> {
  if (!canAsk(isJson)) throw new CommandFault(`Nobody can be asked here: ${question} ${otherwise}`, EXIT.refused, 'CONFIRMATION_NEEDED');
  const { confirm } = await import('@inquirer/prompts');
  return answered(confirm({ message: question, default: false }, { output: process.stderr }));
}

/** The answer to a prompt. @throws CommandFault when it was left by Ctrl-C */
export async function answered<Answer>(prompt: Promise<Answer>): Promise<Answer> {
  try {
    return await prompt;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError')
      throw new CommandFault('Stopped; nothing was changed.', 130, 'INTERRUPTED');
    throw error;
  }
}
