import type { ChannelInfo } from '../hub.ts';
import type { LoadedPlugin } from './contract.ts';

/** The channels of plugins, by name. */
export function describeChannels(plugins: readonly LoadedPlugin[]): readonly ChannelInfo[] {
  return plugins
    .flatMap(({ id: plugin, manifest }) =>
      Object.entries(manifest.contributes.channels ?? {}).map(
        ([name, { title, action, address, unsubscribe = 'link', quietHours = true }]): ChannelInfo => ({
          name,
          plugin,
          title,
          action: `${plugin}.${action}`,
          address,
          unsubscribe,
          quietHours,
        }),
      ),
    )
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
