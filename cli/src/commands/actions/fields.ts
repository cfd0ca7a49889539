import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';

interface Field {
  readonly pointer: string;
  readonly as: 'choices' | 'fields';
  readonly items?: readonly { readonly value: unknown; readonly title: string }[];
  readonly schema?: {
    readonly properties?: Readonly<Record<string, { readonly type?: string | readonly string[]; readonly title?: string }>>;
  };
  readonly isStale: boolean;
}

export default class ActionsFields extends HubCommand {
  static override description =
    'List the choices and extra fields of an action that depend on the account: custom fields, lists, owners. Kept for an hour, and while the service does not answer.';
  static override args = { name: Args.string({ required: true, description: 'the action, plugin.action' }) };
  static override flags = {
    connection: Flags.string({ char: 'c', description: "the account; the plugin's only one unless told" }),
    refresh: Flags.boolean({ description: 'ask the service now' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(ActionsFields);
    const query = new URLSearchParams({
      ...(flags.connection === undefined ? {} : { connection: flags.connection }),
      ...(flags.refresh ? { refresh: 'true' } : {}),
    });
    const answer = await this.hub(flags).request<{ readonly items: readonly Field[] }>(
      'GET',
      `/v1/actions/${encodeURIComponent(args.name)}/fields?${query.toString()}`,
    );
    this.table(answer.items.flatMap(rowsOf), 'Nothing of this action depends on the account.');
    if (answer.items.some(({ isStale }) => isStale)) this.logToStderr('The service does not answer: this is what it said before.');
    return answer;
  }
}

function rowsOf({ pointer, items = [], schema }: Field): readonly { at: string; value: string; type: string; title: string }[] {
  const properties = Object.entries(schema?.properties ?? {}).map(([name, { type, title = '' }]) => ({
    at: pointer,
    value: name,
    type: [type ?? 'any'].flat().join(' or '),
    title,
  }));
  return [...properties, ...items.map(({ value, title }) => ({ at: pointer, value: String(value), type: 'choice', title }))];
}
