import { CannotCreate } from './cannot-create.ts';
import type { NewPlugin } from './create-plugin.ts';
import type { ListedOperation } from './openapi/manifest-from-openapi.ts';
import { checkPluginId, titleOf } from './plugin-id.ts';
import { PLUGIN_KINDS } from './plugin-kinds.ts';
import type { PluginKind } from './plugin-kinds.ts';

/**
 * Asks on the terminal for what is not given yet.
 *
 * @param mayAsk false where nobody is there to answer
 * @throws CannotCreate when something is needed that is neither given nor may be asked for
 */
export async function askForPlugin(given: Partial<NewPlugin>, mayAsk: boolean): Promise<NewPlugin> {
  const { kind, id } = given;
  if (!mayAsk) {
    if (kind === undefined) throw new CannotCreate(`Say what to create: --kind ${Object.keys(PLUGIN_KINDS).join('|')}.`);
    if (id === undefined) throw new CannotCreate('Say what to call it: --id acme_crm.');
    return { ...given, kind, id, dir: given.dir ?? `./${id}` };
  }
  const { input, select } = await import('@inquirer/prompts');
  const chosen =
    kind ??
    (await select<PluginKind>({
      message: 'What should it be?',
      choices: (Object.entries(PLUGIN_KINDS) as [PluginKind, string][]).map(([value, description]) => ({
        value,
        name: value,
        description,
      })),
    }));
  const named = id ?? (await input({ message: 'Its id, such as acme_crm:', validate: whyNotId }));
  const title = given.title ?? (await input({ message: 'What people read:', default: titleOf(named) }));
  const dir = given.dir ?? (await input({ message: 'In which folder?', default: `./${named}` }));
  return { ...given, kind: chosen, id: named, title, dir };
}

/** Asks which operations of a description become actions. */
export async function askForOperations(operations: readonly ListedOperation[]): Promise<readonly string[]> {
  const { checkbox } = await import('@inquirer/prompts');
  return checkbox({
    message: 'Which operations should become actions?',
    required: true,
    pageSize: 15,
    choices: operations.map(({ id, method, path, title }) => ({ value: id, name: `${method} ${path}`, description: title })),
  });
}

function whyNotId(text: string): true | string {
  const problem = checkPluginId(text);
  return problem === undefined ? true : `${problem.message} \`${problem.suggestion}\` would do.`;
}
