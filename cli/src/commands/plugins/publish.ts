import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { CONTRACT_VERSION } from '@tendril/plugin-api';
import type { PackageFacts, RegistryFault, RegistryFolder } from '@tendril/registry';
import type { RegistryEntry } from '@tendril/schemas';
import { BaseCommand } from '../../base-command.ts';
import { CommandFault, EXIT } from '../../failure.ts';
import { readSignature, signPackage, writeSignature } from '../../plugin-signature.ts';
import { countOf, registryFaultLines } from '../../registry-faults.ts';
import { openSigningKey } from '../../signing-keys.ts';

export default class PluginsPublish extends BaseCommand {
  static override description =
    "Put a package into a registry's folder of submissions: writes plugins/<id>/entry.json and the package beside it, then checks them. What it changes is a pull request to the registry.";
  static override examples = [
    'tendril plugins publish acme_crm-1.0.0.tgz --registry-folder ../registry --key acme.pem --publisher "Acme Inc."',
    'tendril plugins publish acme_crm-1.1.0.tgz --registry-folder ../registry --npm tendril-plugin-acme_crm',
  ];
  static override args = { tarball: Args.string({ required: true, description: 'what `tendril plugins pack` has made' }) };
  static override flags = {
    'registry-folder': Flags.string({ required: true, description: 'a clone of the registry: the folder that holds plugins/' }),
    key: Flags.string({ description: 'file of your key; else the signature that `tendril plugins sign` has left beside the package' }),
    publisher: Flags.string({ description: 'your name, with the first version; the author in package.json without it' }),
    'publisher-url': Flags.string({ description: 'your page, https://…' }),
    npm: Flags.string({ description: 'name of the package on npm: the entry refers to it, and no file is added' }),
    'previous-key': Flags.string({ description: 'the key until now: hands the plugin over to the new one' }),
    'permissions-note': Flags.string({ description: 'why a patch asks for more than the version before it' }),
    replace: Flags.boolean({ description: 'take the place of the same version, which was not merged yet' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsPublish);
    const { addVersion, checkRegistry, openRegistryFolder, readPackageFacts, tarballName } = await import('@tendril/registry');
    const folder = flags['registry-folder'];
    const bytes = readFileSync(args.tarball);
    const facts = await readPackageFacts(bytes);
    const before = await openRegistryFolder(folder);
    const known = entryOf(before, facts);
    refuseRepeated(facts, known, flags.replace);
    const publisher = flags.publisher ?? (known === undefined && facts.author !== '' ? facts.author : undefined);
    if (publisher === undefined && known === undefined)
      throw new CommandFault('The first version says who publishes it: --publisher NAME, or `author` in package.json.', EXIT.commandLine);
    const signature =
      flags.key === undefined ? await readSignature(args.tarball, facts) : await signPackage(facts, await openSigningKey(flags.key));
    const npm = flags.npm === undefined ? undefined : await this.onNpm(flags.npm, facts);
    const url = flags['publisher-url'];
    const entry = addVersion(known, {
      facts,
      signature: signature.signature,
      publicKey: signature.public,
      publishedAt: new Date(),
      publisher: publisher === undefined ? undefined : { name: publisher, ...(url === undefined ? {} : { url }) },
      npm: npm === undefined ? undefined : { package: npm.package },
      ...(npm?.isAttested === true ? { provenance: { kind: 'npm' as const } } : {}),
      permissionsNote: flags['permissions-note'],
      previousKey: flags['previous-key'] === undefined ? undefined : await openSigningKey(flags['previous-key']),
    });
    const place = join(folder, 'plugins', facts.id);
    const files = [join(place, 'entry.json'), ...(npm === undefined ? [join(place, tarballName(facts.id, facts.version.version))] : [])];
    mkdirSync(place, { recursive: true });
    const [entryFile = '', tarballFile] = files;
    if (tarballFile !== undefined) writeFileSync(tarballFile, bytes);
    writeFileSync(entryFile, `${JSON.stringify(entry, undefined, 2)}\n`);
    if (flags.key !== undefined) writeSignature(args.tarball, signature);
    const checked = await checkRegistry(await openRegistryFolder(folder), {
      base: flags.replace ? undefined : before,
      contractVersion: CONTRACT_VERSION,
    });
    const faults = checked.faults.filter(({ file }) => file.startsWith(`plugins/${facts.id}/`));
    this.conclude(facts, files, faults);
    return { id: facts.id, version: facts.version.version, keyId: signature.signature.keyId, files, faults, notices: checked.notices };
  }

  private conclude({ id, version: { version } }: PackageFacts, files: readonly string[], faults: readonly RegistryFault[]): void {
    for (const file of files) this.log(`wrote ${file}`);
    for (const line of registryFaultLines(faults)) this.log(line);
    if (faults.length > 0) process.exitCode = EXIT.refused;
    this.log(
      faults.length === 0
        ? `${id} ${version} is ready: commit these files to a branch and open a pull request to the registry.`
        : `${id} ${version} has ${countOf(faults.length, 'fault')}: the registry would refuse it. Mend them and publish again with --replace.`,
    );
  }

  private async onNpm(name: string, { version: { version, integrity, sizeBytes } }: PackageFacts): Promise<OnNpm> {
    const { integrityOf } = await import('@tendril/registry');
    const { fetchNpmVersion, verifyNpmProvenance } = await import('../../operator/npm-packages.ts');
    const bytes = await fetchNpmVersion(name, version, sizeBytes);
    if (integrityOf(bytes) !== integrity)
      throw new CommandFault(
        `${name} ${version} on npm has other bytes than this package: publish the same file to npm.`,
        EXIT.refused,
        'PACKAGE_DIFFERS',
      );
    const { provenance, notes } = await verifyNpmProvenance(name, version);
    for (const note of notes) this.note(note);
    return { package: name, isAttested: provenance === 'verified' };
  }
}

interface OnNpm {
  readonly package: string;
  readonly isAttested: boolean;
}

function entryOf(folder: RegistryFolder, { id }: PackageFacts): RegistryEntry | undefined {
  const text = folder.entries.get(id);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as RegistryEntry;
  } catch {
    throw new CommandFault(
      `${join(folder.path, 'plugins', id, 'entry.json')} is no JSON: put it back before you publish.`,
      EXIT.refused,
      'ENTRY_DAMAGED',
    );
  }
}

function refuseRepeated({ id, version: { version } }: PackageFacts, entry: RegistryEntry | undefined, replaces: boolean): void {
  if (replaces || entry?.versions.some((published) => published.version === version) !== true) return;
  throw new CommandFault(
    `${id} ${version} is in the folder already, and a published version never changes: raise the version. If nobody has merged it yet, say --replace.`,
    EXIT.refused,
    'VERSION_EXISTS',
  );
}
