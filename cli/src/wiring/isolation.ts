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
  settings: Pick<HubSettings, 'pluginCommand' | 'pluginCommandEnvironment' | 'acceptsOpenNetwork'>,
  developed: ReadonlySet<string>,
  log: Logger,
): NonNullable<HubOptions['isolation']> {
  const { pluginCommand, pluginCommandEnvironment, acceptsOpenNetwork } = settings;
  return createIsolation({
    ...(pluginCommand === undefined ? {} : { command: pluginCommand, commandEnvironment: pluginCommandEnvironment }),
    isOpenNetworkAccepted: acceptsOpenNetwork,
    onPrint: (plugin, tenant, text) => {
      if (developed.has(plugin)) log.info({ plugin, tenant, text }, 'a plugin printed');
    },
  });
}
