import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Check, ConformanceOptions, Finding, Outcome } from '../contract.ts';
import type { PluginPackage } from '../plugin-package.ts';

const FILES: readonly (readonly [string, string])[] = [
  ['README.md', 'tell what it is for, how it is set up and what its limits are'],
  ['CHANGELOG.md', 'begin it with the version of package.json'],
  ['LICENSE', 'put the text of the licence that package.json names there'],
];

/** What can be said of a package without running its handlers. */
export function manifestChecks(pack: PluginPackage, options: ConformanceOptions): readonly Check[] {
  return [
    {
      id: 'manifest',
      title: 'The manifest is sound, its examples match its schemas, and the code implements exactly what it declares',
      // The host checks examples against their schemas with everything else that a manifest says.
      run: async () => ({ findings: pack.faults, warnings: untried(pack) }),
    },
    { id: 'package/documents', title: 'README, CHANGELOG and LICENSE are there', run: async () => documents(pack) },
    { id: 'package/descriptions', title: 'Every action says what it does', run: async () => descriptions(pack) },
    { id: 'package/types', title: 'Generated types are those of the manifest', run: () => types(pack, options) },
  ];
}

/** Actions that nothing shows at work. */
function untried({ plugin, recordings }: PluginPackage): readonly Finding[] {
  return Object.entries(plugin?.manifest.contributes.actions ?? {})
    .filter(([id, { examples = [] }]) => examples.length === 0 && !recordings.has(id))
    .map(([id]) => ({
      file: 'plugin.json',
      pointer: `/contributes/actions/${id}`,
      message: 'has neither an example nor a recording',
      mend: `add \`examples\`, or record a call with \`tendril plugins test --record ${id}\``,
    }));
}

function documents(pack: PluginPackage): Outcome {
  const missing = FILES.filter(([file]) => !pack.has(file) && !(file === 'LICENSE' && isInRepository(pack)));
  return { findings: missing.map(([file, mend]) => ({ file, message: 'is missing', mend })) };
}

/** Packages of one repository share its licence. */
function isInRepository(pack: PluginPackage): boolean {
  return pack.has('../../LICENSE') && pack.has('../../package.json');
}

function descriptions({ plugin }: PluginPackage): Outcome {
  if (plugin === undefined) return { skipped: 'the manifest is not sound' };
  const without = Object.entries(plugin.manifest.contributes.actions ?? {}).filter(([, { description }]) => description === undefined);
  return {
    findings: without.map(([id]): Finding => ({
      file: 'plugin.json',
      pointer: `/contributes/actions/${id}`,
      message: 'has no description',
      mend: 'say in a sentence what it does: people and AI assistants choose by it',
    })),
  };
}

async function types(pack: PluginPackage, { generateTypes }: ConformanceOptions): Promise<Outcome> {
  if (pack.plugin === undefined) return { skipped: 'the manifest is not sound' };
  if (generateTypes === undefined) return { skipped: 'nothing to generate them with was handed in' };
  const { path, text } = await generateTypes(pack.folder);
  if (!pack.has(path)) return { skipped: `there is no ${path}` };
  const current = await readFile(join(pack.folder, path), 'utf8');
  return withoutBanner(current) === withoutBanner(text)
    ? { findings: [] }
    : { findings: [{ file: path, message: 'is not what the manifest gives', mend: 'run `tendril plugins types`' }] };
}

/** The first lines say what wrote the file, which is not the same everywhere. */
function withoutBanner(text: string): string {
  return text.replace(/^(?:\/\/.*\n)+/, '');
}
