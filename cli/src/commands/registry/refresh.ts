import { Args, Flags } from '@oclif/core';
import type { RegistryClient } from '@tendril/registry';
import { BaseCommand } from '../../base-command.ts';
import { CommandFault, describeFailure, EXIT, failureText } from '../../failure.ts';
import { findHubHome } from '../../home.ts';
import type { Home } from '../../home.ts';
import { openRegistry } from '../../open-registries.ts';
import { findPluginHome } from '../../operator/plugin-home.ts';
import { readRegistries } from '../../registries-file.ts';
import type { KnownRegistry } from '../../registries-file.ts';
import { findRevokedPlugins } from '../../revoked-plugins.ts';
import type { RevokedPlugin } from '../../revoked-plugins.ts';

export default class RegistryRefresh extends BaseCommand {
  static override description =
    'Fetch the index of all registries, or of one, and verify it: signatures, that it is not older than one seen before, that it has not expired. Names installed plugins that were revoked.';
  static override args = { name: Args.string({ description: 'one registry; all without it' }) };
  static override flags = {
    'allow-expired': Flags.boolean({ description: 'take an index that has expired: somebody may be keeping revocations from you' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(RegistryRefresh);
    const home = findHubHome(process.env);
    const known = readRegistries(home).filter(({ name }) => args.name === undefined || name === args.name);
    if (args.name !== undefined && known.length === 0)
      throw new CommandFault(`There is no registry ${args.name}. \`tendril registry list\` lists all.`, EXIT.refused, 'REGISTRY_UNKNOWN');
    const items = [];
    for (const registry of known) items.push(await this.refresh(home, registry, flags['allow-expired']));
    this.table(
      items.map(({ name, state, plugins, sequence, expiresAt }) => ({ name, state, plugins, sequence, expires: expiresAt })),
      'No registry is known. `tendril registry add NAME URL` adds one.',
    );
    const revoked = await this.tellRevoked(home);
    return { items, revoked };
  }

  private async refresh(home: Home, registry: KnownRegistry, mayBeExpired: boolean): Promise<RefreshRow> {
    try {
      const client = await openRegistry(home, registry, { isForced: true, mayBeExpired, note: (text) => this.note(text) });
      return rowOf(client, registry.state?.index?.sequence);
    } catch (error) {
      const failure = describeFailure(error);
      process.exitCode = failure.exit;
      if (!this.jsonEnabled()) this.logToStderr(failureText(failure));
      const { exit: _exit, ...shown } = failure;
      return { name: registry.name, state: 'refused', error: shown };
    }
  }

  private async tellRevoked(home: Home): Promise<readonly RevokedPlugin[]> {
    const { readLock } = await import('@tendril/registry');
    const { plugins } = await readLock(findPluginHome(process.env).lockFile);
    const revoked = await findRevokedPlugins(home, plugins);
    for (const { id, version, registry, reason } of revoked) this.note(`${id} ${version} was revoked by ${registry}: ${reason}`);
    return revoked;
  }
}

interface RefreshRow {
  readonly name: string;
  readonly state: 'new' | 'unchanged' | 'refused';
  readonly plugins?: number;
  readonly sequence?: number;
  readonly expiresAt?: string;
  readonly error?: object;
}

function rowOf(client: RegistryClient, sequenceBefore: number | undefined): RefreshRow {
  const { plugins, sequence, expiresAt } = client.index();
  const state = sequence === sequenceBefore ? 'unchanged' : 'new';
  return { name: client.name, state, plugins: Object.keys(plugins).length, sequence, expiresAt };
}
