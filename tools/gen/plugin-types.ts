import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GENERATED_TYPES, generateManifestTypes } from 'create-tendril-plugin';

const root = new URL('../../', import.meta.url);

/** Writes the types of every manifest of plugins and connectors. */
export async function generatePluginTypes(): Promise<ReadonlyMap<string, string>> {
  const written = new Map<string, string>();
  for (const parent of ['plugins', 'connectors']) {
    for (const name of (await readdir(new URL(parent, root))).sort()) {
      const folder = new URL(`${parent}/${name}/`, root);
      if (!existsSync(new URL('plugin.json', folder))) continue;
      const path = fileURLToPath(new URL(GENERATED_TYPES, folder));
      const text = await generateManifestTypes(fileURLToPath(folder), 'npm run gen');
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      written.set(`${parent}/${name}/${GENERATED_TYPES}`, text);
    }
  }
  return written;
}
