import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { CommandFault, EXIT } from '../../failure.ts';
import { findHubHome } from '../../home.ts';
import { confirmed } from '../../operator/ask.ts';
import { findPluginHome } from '../../operator/plugin-home.ts';
import { changeRegistries, forgetCopies, readRegistries } from '../../registries-file.ts';

export default class RegistryRemove extends BaseCommand {
  static override description =
    'Forget a registry and what was seen of it. Plugins that came from it stay installed, but get no upgrades and no revocations any more.';
  static override args = { name: Args.string({ required: true, description: 'name of the registry' }) };
  static override flags = { yes: Flags.boolean({ char: 'y', description: 'remove without asking' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(RegistryRemove);
    const home = findHubHome(process.env);
    const known = readRegistries(home);
    if (!known.some(({ name }) => name === args.name)) {
      const { nearestName } = await import('@tendril/engine');
      const meant = nearestName(
        args.name,
        known.map(({ name }) => name),
      );
      throw new CommandFault(
        `There is no registry ${args.name}.${meant === undefined ? '' : ` Did you mean \`${meant}\`?`} \`tendril registry list\` lists all.`,
        EXIT.refused,
        'REGISTRY_UNKNOWN',
      );
    }
    const plugins = await this.pluginsFrom(args.name);
    if (plugins.length > 0) this.note(`Installed from it: ${plugins.join(', ')}. They stay, without upgrades and revocations.`);
    const isSure =
      flags.yes ||
      plugins.length === 0 ||
      (await confirmed(`Remove ${args.name}?`, { isJson: this.jsonEnabled(), otherwise: 'Say --yes.' }));
    if (!isSure) throw new CommandFault(`${args.name} was not removed.`, EXIT.refused, 'NOT_CONFIRMED');
    changeRegistries(home, (registries) => registries.filter(({ name }) => name !== args.name));
    forgetCopies(home, args.name);
    this.log(`${args.name} is removed.`);
    return { name: args.name, plugins };
  }

  private async pluginsFrom(registry: string): Promise<readonly string[]> {
    const { readLock } = await import('@tendril/registry');
    const { plugins } = await readLock(findPluginHome(process.env).lockFile);
    return Object.entries(plugins).flatMap(([id, { source }]) => (source.kind === 'registry' && source.registry === registry ? [id] : []));
  }
}
