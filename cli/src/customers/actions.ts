import { TendrilError } from '@tendril/plugin-api';
import type { HubClient } from '../hub-client.ts';
import { CommandFault } from '../failure.ts';

const MOST_A_PAGE = 100;

/**
 * Calls an action of a plugin that comes with Tendril.
 *
 * @param key names a call that has an effect, so that it has it once however often it is sent
 * @throws CommandFault when the plugin is not enabled, with what to do; TendrilError as the hub answered it
 */
export async function callAction<Output>(hub: HubClient, name: string, input: object, key?: string): Promise<Output> {
  try {
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    const { output } = await hub.request<{ readonly output: Output }>('POST', `/v1/actions/${name}`, { input }, headers);
    return output;
  } catch (error) {
    const [plugin = name] = name.split('.');
    if (TendrilError.is(error) && error.code === 'PLUGIN_DISABLED')
      throw new CommandFault(`The plugin ${plugin} is not enabled here; \`tendril plugins enable ${plugin}\` does.`);
    throw error;
  }
}

/** Items of an action that gives pages, up to a limit. */
export async function listByAction<Item>(hub: HubClient, name: string, input: object, limit: number): Promise<readonly Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page: { readonly items: readonly Item[]; readonly nextCursor?: string } = await callAction(hub, name, {
      ...input,
      limit: Math.min(limit - items.length, MOST_A_PAGE),
      ...(cursor !== undefined && { cursor }),
    });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined && items.length < limit);
  return items;
}
