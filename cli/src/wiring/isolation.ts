import type { HubOptions } from '@tendril/engine';
import { createIsolation } from '@tendril/isolation';
import type { Logger } from '@tendril/plugin-api';
import type { HubSettings } from './environment.ts';

/**
 * What runs plugins that are not trusted, one process per plugin and tenant.
 *
 * @param developed ids of plugins that somebody works on here: what they print is logged, which may be anything
 */
export function openIsolation(
  { pluginCommand, acceptsOpenNetwork }: Pick<HubSettings, 'pluginCommand' | 'acceptsOpenNetwork'>,
  developed: ReadonlySet<string>,
  log: Logger,
): NonNullable<HubOptions['isolation']> {
  return createIsolation({
    ...(pluginCommand === undefined ? {} : { command: pluginCommand }),
    isOpenNetworkAccepted: acceptsOpenNetwork,
    onPrint: (plugin, tenant, text) => {
      if (developed.has(plugin)) log.info({ plugin, tenant, text }, 'a plugin printed');
    },
  });
}
