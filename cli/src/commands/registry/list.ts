import { BaseCommand } from '../../base-command.ts';
import { findHubHome } from '../../home.ts';
import { readRegistries } from '../../registries-file.ts';

export default class RegistryList extends BaseCommand {
  static override description = 'List the registries that plugins are looked for in, the one that is asked first at the top.';

  async run(): Promise<unknown> {
    await this.parse(RegistryList);
    const { rootFingerprint } = await import('@tendril/registry');
    const items = readRegistries(findHubHome(process.env)).map(({ name, address, root, state }) => ({
      name,
      address,
      registry: root.signed.registry,
      fingerprint: rootFingerprint(state?.root ?? root),
      ...(state?.index === undefined
        ? {}
        : {
            sequence: state.index.sequence,
            refreshedAt: new Date(state.index.refreshedAt).toISOString(),
            expiresAt: new Date(state.index.expiresAt).toISOString(),
            isExpired: state.index.expiresAt <= Date.now(),
          }),
    }));
    this.table(
      items.map(({ name, address, registry, refreshedAt, expiresAt, isExpired }) => ({
        name,
        address,
        registry,
        refreshed: refreshedAt,
        expires: isExpired === true ? `${expiresAt ?? ''} (expired)` : expiresAt,
      })),
      'No registry is known. `tendril registry add NAME URL` adds one.',
    );
    return { items };
  }
}
