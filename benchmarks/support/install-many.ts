import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { examinePackage, LOCK_NAME, readTarball, unpackPlugin, writeLock, writeTarball } from '@tendril/registry';
import type { PackageFiles } from '@tendril/registry';
import type { LockFile } from '@tendril/schemas';

const TEXT = { type: 'object', additionalProperties: false, required: ['text'], properties: { text: { type: 'string' } } };

/** Installs plugins with an action `echo` into a data folder, pinned by its lock. @returns their ids */
export async function installMany(home: string, count: number, isTrusted: boolean): Promise<readonly string[]> {
  const plugins = join(home, 'plugins');
  await mkdir(plugins, { recursive: true });
  const pinned: [string, LockFile['plugins'][string]][] = [];
  for (let index = 0; index < count; index += 1) {
    const id = `many_${String(index)}`;
    const tarball = await readTarball(writeTarball(filesOf(id)));
    const content = await examinePackage(tarball.files);
    await unpackPlugin(plugins, content);
    pinned.push([
      id,
      {
        version: content.version,
        source: { kind: 'tarball', file: `${id}.tgz` },
        integrity: tarball.integrity,
        files: content.filesHash,
        manifest: content.manifestHash,
        grants: {},
        ...(isTrusted && { isTrusted: true }),
      },
    ]);
  }
  await writeLock(join(home, LOCK_NAME), { lockVersion: 1, plugins: Object.fromEntries(pinned) });
  return pinned.map(([id]) => id);
}

function filesOf(id: string): PackageFiles {
  const file = (text: string): Buffer => Buffer.from(text);
  return new Map([
    [
      'package.json',
      file(
        JSON.stringify({
          name: `tendril-plugin-${id}`,
          version: '1.0.0',
          description: 'One of many.',
          license: 'Apache-2.0',
          type: 'module',
          exports: { '.': './dist/index.js', './plugin.json': './plugin.json' },
        }),
      ),
    ],
    [
      'plugin.json',
      file(
        JSON.stringify({
          id,
          title: `Plugin ${id}`,
          engines: { tendril: '^0.1.0' },
          contributes: {
            actions: { echo: { title: 'Echo', description: 'Gives back what it got.', effect: 'read', input: TEXT, output: TEXT } },
          },
        }),
      ),
    ],
    ['README.md', file(`# ${id}\n`)],
    ['LICENSE', file('Apache-2.0\n')],
    [
      'dist/index.js',
      file(
        "import { definePlugin } from '@tendril/plugin-api';\nexport default definePlugin({ setup(host) { host.action('echo', async (input) => input); } });\n",
      ),
    ],
  ]);
}
