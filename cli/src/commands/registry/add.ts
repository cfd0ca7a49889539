import { readFileSync } from 'node:fs';
import { Args, Flags } from '@oclif/core';
import type { OfferedRoot, RegistryClient } from '@tendril/registry';
import { BaseCommand } from '../../base-command.ts';
import { CommandFault, EXIT } from '../../failure.ts';
import { findHubHome } from '../../home.ts';
import type { Home } from '../../home.ts';
import { openRegistries, openRegistry } from '../../open-registries.ts';
import { confirmed } from '../../operator/ask.ts';
import { changeRegistries, forgetCopies, readRegistries, REGISTRY_NAME } from '../../registries-file.ts';
import type { KnownRegistry } from '../../registries-file.ts';
import { toRegistryAddress } from '../../registry-address.ts';
import { countOf } from '../../registry-faults.ts';

export default class RegistryAdd extends BaseCommand {
  static override description =
    'Add a registry to find plugins in. Shows the fingerprint of its root, to be compared with what its operator says elsewhere; from then on only what its keys have signed is taken.';
  static override examples = [
    'tendril registry add main https://plugins.example.org',
    'tendril registry add house /srv/plugins --first --root ./root.json',
    'tendril registry add main https://plugins.example.org --key 21fe31df…',
  ];
  static override args = {
    name: Args.string({ required: true, description: 'what to call it here' }),
    url: Args.string({ required: true, description: 'https://…, http:// on this machine, file:///…, or a folder' }),
  };
  static override flags = {
    root: Flags.string({ description: 'trust this root, a file that came by another way' }),
    key: Flags.string({
      description: 'trust a root that this key has signed: its id; may be repeated',
      multiple: true,
      exclusive: ['root'],
    }),
    first: Flags.boolean({ description: 'ask it before the others', exclusive: ['last'] }),
    last: Flags.boolean({ description: 'ask it after the others; so it is without a flag' }),
    yes: Flags.boolean({ char: 'y', description: 'trust the root that is shown' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(RegistryAdd);
    const home = findHubHome(process.env);
    refuseName(args.name, readRegistries(home));
    const address = toRegistryAddress(args.url);
    const offered = await offer(address, flags.root, flags.key);
    this.show(offered);
    const isVouchedFor = flags.root !== undefined || flags.key !== undefined || flags.yes;
    const isTrusted =
      isVouchedFor ||
      (await confirmed('Is this the fingerprint that the operator of the registry has told you?', {
        isJson: this.jsonEnabled(),
        otherwise: `The fingerprint is ${offered.fingerprint}. Compare it and say --yes, or name --root FILE or --key ID.`,
      }));
    if (!isTrusted) throw new CommandFault(`${args.name} was not added.`, EXIT.refused, 'NOT_CONFIRMED');
    const added: KnownRegistry = { name: args.name, address, root: offered.root };
    forgetCopies(home, args.name);
    // Nothing is written of a registry whose index cannot be verified.
    const client = await this.tryOut(home, added, flags.first);
    const plugins = Object.keys(client.index().plugins);
    this.log(`${args.name} is added, ${flags.first ? 'before' : 'behind'} all others: ${countOf(plugins.length, 'plugin')}.`);
    await this.tellShared(home, args.name, plugins);
    const { root, fingerprint, signers } = offered;
    return { name: args.name, address, registry: root.signed.registry, fingerprint, signers, plugins: plugins.length };
  }

  private async tryOut(home: Home, added: KnownRegistry, isFirst: boolean): Promise<RegistryClient> {
    changeRegistries(home, (known) => {
      refuseName(added.name, known);
      return isFirst ? [added, ...known] : [...known, added];
    });
    try {
      return await openRegistry(home, added, { isForced: true, note: (text) => this.note(text) });
    } catch (error) {
      changeRegistries(home, (known) => known.filter(({ name }) => name !== added.name));
      forgetCopies(home, added.name);
      throw error;
    }
  }

  private show({ root, fingerprint, signers }: OfferedRoot): void {
    this.log(`Registry:    ${root.signed.registry}, root ${root.signed.version}, until ${root.signed.expiresAt}`);
    this.log(`Fingerprint: ${fingerprint}`);
    for (const signer of signers) this.log(`Signed by:   ${signer}`);
  }

  private async tellShared(home: Home, name: string, plugins: readonly string[]): Promise<void> {
    const others = (await openRegistries(home, { note: () => undefined, onFault: () => undefined })).filter((other) => other.name !== name);
    for (const other of others) {
      const shared = plugins.filter((id) => other.find(id) !== undefined);
      if (shared.length === 0) continue;
      const some = shared.length > 5 ? `${shared.slice(0, 5).join(', ')} and ${shared.length - 5} more` : shared.join(', ');
      this.note(`${other.name} has these too: ${some}. \`tendril registry list\` shows which is asked first.`);
    }
  }
}

function refuseName(name: string, known: readonly KnownRegistry[]): void {
  if (!REGISTRY_NAME.test(name))
    throw new CommandFault('The name of a registry is of lower case letters, digits, `-` and `_`, at most 60.', EXIT.commandLine);
  if (known.some((registry) => registry.name === name))
    throw new CommandFault(
      `${name} is known already. \`tendril registry remove ${name}\` forgets it, with what was seen of it.`,
      EXIT.refused,
      'ALREADY_EXISTS',
    );
}

async function offer(address: string, rootFile: string | undefined, keyIds: readonly string[] | undefined): Promise<OfferedRoot> {
  const { fetchFirstRoot, offerRoot, readRoot } = await import('@tendril/registry');
  if (rootFile !== undefined) return offerRoot(readRoot(readFileSync(rootFile), rootFile), Date.now());
  return fetchFirstRoot(address, (url, init) => fetch(url, init), Date.now(), keyIds);
}
