import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const FILES = fileURLToPath(new URL('../files', import.meta.url));
// Published packages leave a file of this name out.
const NAMES: Readonly<Record<string, string>> = { _gitignore: '.gitignore' };

/**
 * The files of a template, filled in, by their paths with `/` between folders.
 *
 * @param template a folder below `files/`
 * @param values what stands for `{{name}}`
 * @throws Error when a file names a placeholder that has no value
 */
export async function readTemplate(template: string, values: Readonly<Record<string, string>>): Promise<ReadonlyMap<string, string>> {
  const folder = join(FILES, template);
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, string>();
  for (const entry of found.filter((item) => item.isFile())) {
    const full = join(entry.parentPath, entry.name);
    const path = full
      .slice(folder.length + 1)
      .split(sep)
      .map((part) => NAMES[part] ?? part)
      .join('/');
    files.set(path, fill(await readFile(full, 'utf8'), values, `${template}/${path}`));
  }
  return new Map([...files].sort(([one], [other]) => (one < other ? -1 : 1)));
}

function fill(text: string, values: Readonly<Record<string, string>>, path: string): string {
  // Expressions of pipelines and manifests, `${{ … }}`, have blanks and are left alone.
  return text.replaceAll(/\{\{([a-zA-Z]+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`The template ${path} names {{${name}}}, which has no value.`);
    return path.endsWith('.json') ? JSON.stringify(value).slice(1, -1) : value;
  });
}
