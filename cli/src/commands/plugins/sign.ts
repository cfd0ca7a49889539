import { readFileSync } from 'node:fs';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { signPackage, writeSignature } from '../../plugin-signature.ts';
import { openSigningKey } from '../../signing-keys.ts';

export default class PluginsSign extends BaseCommand {
  static override description =
    'Sign a package with your key (ed25519). The key of the first version that you publish owns the id: keep it, and keep a copy.';
  static override examples = [
    'tendril plugins sign acme_crm-1.0.0.tgz --key acme.pem --new-key',
    'tendril plugins sign acme_crm-1.0.1.tgz --key acme.pem',
  ];
  static override args = { tarball: Args.string({ required: true, description: 'what `tendril plugins pack` has made' }) };
  static override flags = {
    key: Flags.string({ required: true, description: 'file of the key, PEM' }),
    'new-key': Flags.boolean({ description: 'make the key, in a file that only you may read' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsSign);
    const { readPackageFacts } = await import('@tendril/registry');
    const facts = await readPackageFacts(readFileSync(args.tarball));
    const key = await openSigningKey(flags.key, { isNew: flags['new-key'] });
    const signature = await signPackage(facts, key);
    const file = writeSignature(args.tarball, signature);
    if (flags['new-key'])
      this.note(
        `${flags.key} is your key now. Without it nobody can publish further versions of ${facts.id}: keep a copy in a safe place.`,
      );
    this.log(`${facts.id} ${facts.version.version} is signed by ${key.keyId}: ${file}`);
    return { file, keyId: key.keyId, ...signature };
  }
}
