import { checkRelease } from '@tendril/schemas';
import type { Manifest, Release } from '@tendril/schemas';
import type { PluginSource } from '@tendril/engine/plugins';
import type { Check, Outcome } from '../contract.ts';
import { readSource } from '../read-source.ts';
import { resolveManifest } from '../resolve-manifest.ts';
import type { World } from '../world.ts';

/** What is not as it was in the version before is told, and numbered so. */
export function compatibilityChecks(world: World): readonly Check[] {
  return [
    {
      id: 'compatibility',
      title: 'What breaks since the version before is told under breakingChanges, and numbered so',
      run: () => compare(world),
    },
  ];
}

async function compare({ pack, plugin, options: { previous } }: World): Promise<Outcome> {
  if (previous === undefined) return { skipped: 'no version before was given' };
  const before = typeof previous === 'string' ? readSource(previous) : previous;
  const manifest = manifestOf(before);
  if (manifest === undefined)
    return { findings: [{ file: before.file, message: 'cannot be read: it is no manifest', mend: 'give the package that was published' }] };
  if (manifest.id !== plugin.id)
    return {
      findings: [
        {
          file: before.file,
          pointer: '/id',
          message: `is \`${manifest.id}\`, another plugin than \`${plugin.id}\``,
          mend: 'give a version of this plugin',
        },
      ],
    };
  const [old, now] = [await toRelease(before, manifest), await toRelease(pack.source, plugin.manifest)];
  return { findings: checkRelease(old, now) };
}

async function toRelease(source: PluginSource, manifest: Manifest): Promise<Release> {
  const { version } = source.packageJson;
  return { version: typeof version === 'string' ? version : '', manifest: await resolveManifest(manifest, (path) => source.read(path)) };
}

function manifestOf({ manifest }: PluginSource): Manifest | undefined {
  try {
    const value: unknown = typeof manifest === 'string' ? JSON.parse(manifest) : manifest;
    const isManifest = typeof value === 'object' && value !== null && 'id' in value && 'contributes' in value;
    return isManifest ? (value as unknown as Manifest) : undefined;
  } catch {
    return undefined;
  }
}
