import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { EXIT } from '../../failure.ts';

export default class PluginsPack extends BaseCommand {
  static override description =
    'Pack a plugin into one file that any hub can install: checks it, bundles its code and all that it imports into one module, and writes an npm-compatible .tgz. The same folder gives the same bytes.';
  static override examples = ['tendril plugins pack', 'tendril plugins pack ./acme_crm --out ./packages'];
  static override args = { dir: Args.string({ default: '.', description: "the plugin's folder" }) };
  static override flags = {
    out: Flags.string({ description: 'a file that ends in .tgz, or a folder; the current folder without it', default: '.' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsPack);
    const [{ CannotPack, packPlugin }, { countFaults }] = await Promise.all([
      import('../../authoring/pack.ts'),
      import('../../authoring/faults.ts'),
    ]);
    try {
      const packed = await packPlugin(args.dir);
      const file = outFile(flags.out, packed.fileName);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, packed.tarball);
      const { integrity, files, unpackedBytes, bundled, warnings, packageJson, manifest } = packed;
      this.table(
        files.map(({ path, sizeBytes }) => ({ file: path, size: inKilobytes(sizeBytes) })),
        'Nothing is in it.',
      );
      if (warnings.length > 0) this.note(`${countFaults(warnings)}: \`tendril plugins validate\` shows them.`);
      if (bundled.length > 0) this.log(`Inside are ${bundled.join(', ')}.`);
      this.log(`\n${file}: ${inKilobytes(packed.tarball.length)}, unpacked ${inKilobytes(unpackedBytes)}\n${integrity}`);
      return {
        id: manifest.id,
        version: packageJson['version'],
        file,
        sizeBytes: packed.tarball.length,
        unpackedBytes,
        integrity,
        files,
        bundled,
        warnings,
      };
    } catch (error) {
      if (!(error instanceof CannotPack)) throw error;
      process.exitCode = EXIT.refused;
      for (const line of [...error.lines, error.message]) this.logToStderr(line);
      return { error: { code: 'PLUGIN_NOT_PACKED', message: error.message }, faults: error.faults };
    }
  }
}

function outFile(out: string, name: string): string {
  const path = resolve(out);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true || !path.endsWith('.tgz');
  return isFolder ? join(path, name) : path;
}

function inKilobytes(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} kB`;
}
