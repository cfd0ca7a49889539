import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asObject } from './author-folder.ts';

/**
 * The licences of packages whose code is packed with a plugin, as most of them demand; `undefined` when there are none.
 *
 * @param folders of the packages, in the plugin's folder
 */
export function readNotices(path: string, folders: readonly string[]): string | undefined {
  if (folders.length === 0) return undefined;
  const notices = folders.map((folder) => noticeOf(join(path, folder))).sort();
  return `This package holds code of others.\n\n${[...new Set(notices)].join('\n')}`;
}

function noticeOf(folder: string): string {
  const { name, version, license } = readPackage(folder);
  const title = `${String(name)} ${String(version)} (${typeof license === 'string' ? license : 'licence not named'})`;
  const texts = existsSync(folder)
    ? readdirSync(folder).filter((file) => /^(?:licen[cs]e|notice|copying)(?:\.(?:md|txt))?$/i.test(file))
    : [];
  return [title, '='.repeat(title.length), '', ...texts.sort().map((file) => readFileSync(join(folder, file), 'utf8').trimEnd()), ''].join(
    '\n',
  );
}

function readPackage(folder: string): Readonly<Record<string, unknown>> {
  try {
    return asObject(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  } catch {
    return {};
  }
}
