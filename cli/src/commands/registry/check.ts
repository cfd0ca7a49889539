import { Args, Flags } from '@oclif/core';
import { CONTRACT_VERSION } from '@tendril/plugin-api';
import { BaseCommand } from '../../base-command.ts';
import { CommandFault, EXIT } from '../../failure.ts';
import { createProgressBar } from '../../progress-bar.ts';
import { checkSummary, registryFaultLines } from '../../registry-faults.ts';

const MOST_BYTES = 20_000_000;

export default class RegistryCheck extends BaseCommand {
  static override description =
    'Check the submissions of a registry, as in a pull request: who owns an id, signatures, versions, permissions, and that packages hold what their entries say. Every fault is told with file, pointer and how to mend it.';
  static override examples = ['tendril registry check . --base ../published', 'tendril registry check . --npm --json'];
  static override args = { dir: Args.string({ required: true, description: 'folder with plugins/<id>/entry.json' }) };
  static override flags = {
    base: Flags.string({
      description:
        'what is published, as a folder of submissions or as it was built: it has to stay as it is, and only what is new is looked into',
    }),
    npm: Flags.boolean({ description: 'fetch packages that lie on npm, to look into them too' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(RegistryCheck);
    const { checkRegistry, openPublishedFolder, openRegistryFolder } = await import('@tendril/registry');
    const bar = createProgressBar('Plugins', this.jsonEnabled() ? { write: () => undefined } : process.stderr);
    const head = await openRegistryFolder(args.dir);
    if (head.entries.size === 0)
      throw new CommandFault(
        `There is no plugins/<id>/entry.json in ${args.dir}. \`tendril plugins publish TARBALL --registry-folder ${args.dir}\` makes one.`,
        EXIT.refused,
        'NOTHING_TO_CHECK',
      );
    const checked = await checkRegistry(head, {
      base: flags.base === undefined ? undefined : await openPublishedFolder(flags.base),
      contractVersion: CONTRACT_VERSION,
      fetchNpm: flags.npm ? fetchNpm : undefined,
      verifyProvenance: flags.npm ? verifyProvenance : undefined,
      onProgress: (done, total) => bar.show(done, total),
    });
    bar.end();
    const { faults, notices, entries } = checked;
    if (faults.length > 0) process.exitCode = EXIT.refused;
    for (const line of registryFaultLines(faults)) this.log(line);
    for (const notice of notices) this.note(`${notice} --npm fetches it.`);
    this.log(checkSummary(checked));
    return { plugins: entries.size, faults, notices };
  }
}

interface Npm {
  readonly package: string;
  readonly version: string;
}

async function fetchNpm({ package: name, version }: Npm): Promise<Uint8Array> {
  const { fetchNpmVersion } = await import('../../operator/npm-packages.ts');
  return fetchNpmVersion(name, version, MOST_BYTES);
}

async function verifyProvenance({ package: name, version }: Npm): Promise<'verified' | 'none' | 'failed'> {
  const { verifyNpmProvenance } = await import('../../operator/npm-packages.ts');
  return (await verifyNpmProvenance(name, version)).provenance;
}
