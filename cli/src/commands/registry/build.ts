import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { CONTRACT_VERSION } from '@tendril/plugin-api';
import { BaseCommand } from '../../base-command.ts';
import { CommandFault, EXIT } from '../../failure.ts';
import { createProgressBar } from '../../progress-bar.ts';
import { countOf, registryFaultLines } from '../../registry-faults.ts';
import { openSigningKey } from '../../signing-keys.ts';

const DAY_MS = 86_400_000;

export default class RegistryBuild extends BaseCommand {
  static override description =
    'Build a registry from its submissions: a folder of files that any web server serves. Signs the index; build again before it expires.';
  static override examples = [
    'tendril registry build . --out ./public --key index.pem',
    'tendril registry build . --out ./public --key a.pem --key b.pem --days 7',
  ];
  static override args = { dir: Args.string({ required: true, description: 'folder of submissions, with 1.root.json' }) };
  static override flags = {
    out: Flags.string({ required: true, description: 'where to write it; an index there is counted on from' }),
    key: Flags.string({ required: true, multiple: true, description: 'file of a key of the index; may be repeated' }),
    days: Flags.integer({ default: 14, min: 1, max: 366, description: 'after how many days clients refuse the index' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(RegistryBuild);
    const { buildIndex, checkRegistry, openRegistryFolder, sequenceOf, writeRegistry } = await import('@tendril/registry');
    const keys = await Promise.all(flags.key.map((file) => openSigningKey(file)));
    const bar = createProgressBar('Plugins', this.jsonEnabled() ? { write: () => undefined } : process.stderr);
    const folder = await openRegistryFolder(args.dir);
    const checked = await checkRegistry(folder, {
      contractVersion: CONTRACT_VERSION,
      depth: 'hashes',
      onProgress: (done, total) => bar.show(done, total),
    });
    bar.end();
    if (checked.faults.length > 0) {
      for (const line of registryFaultLines(checked.faults)) this.logToStderr(line);
      throw new CommandFault(
        `Nothing was built: ${args.dir} has ${countOf(checked.faults.length, 'fault')}.`,
        EXIT.refused,
        'REGISTRY_FAULTY',
      );
    }
    const createdAt = new Date();
    const expiresAt = new Date(createdAt.getTime() + flags.days * DAY_MS);
    const index = buildIndex({ checked, keys, previousSequence: previousSequence(flags.out, sequenceOf), createdAt, expiresAt });
    await writeRegistry(args.dir, flags.out, index, checked.roots);
    const { sequence, registry } = index.signed;
    this.log(
      `${registry} ${sequence}: ${countOf(checked.entries.size, 'plugin')} in ${flags.out}, valid until ${expiresAt.toISOString()}.`,
    );
    return {
      out: flags.out,
      registry,
      sequence,
      plugins: checked.entries.size,
      revocations: checked.revocations.length,
      expiresAt: expiresAt.toISOString(),
    };
  }
}

function previousSequence(out: string, sequenceOf: (bytes: Uint8Array) => number | undefined): number | undefined {
  try {
    return sequenceOf(readFileSync(join(out, 'index.json')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
