import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the code of the plugin's end lies. */
export interface ChildCode {
  readonly bootstrap: string;
  /** Entry module of the copy of @tendril/plugin-api that plugins get. */
  readonly pluginApi: string;
  /** Folders that the process has to read. */
  readonly folders: readonly string[];
  dispose(): void;
}

const CHILD_FOLDERS = ['child', 'protocol'];

/** The built files; those of the sources without their types, in a temporary folder, where the hub runs from sources. */
export function findChildCode(): ChildCode {
  const own = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))));
  const pluginApi = realpathSync(fileURLToPath(import.meta.resolve('@tendril/plugin-api')));
  if (!import.meta.url.endsWith('.ts')) {
    const folders = [...CHILD_FOLDERS.map((folder) => join(own, folder)), dirname(pluginApi)];
    return { bootstrap: join(own, 'child', 'bootstrap.js'), pluginApi, folders, dispose: () => undefined };
  }
  // Taking types off in every process would cost each some 20 MB.
  const target = realpathSync(mkdtempSync(join(tmpdir(), 'tendril-isolation-')));
  for (const folder of CHILD_FOLDERS) stripFolder(join(own, folder), join(target, folder));
  stripFolder(dirname(pluginApi), join(target, 'plugin-api'));
  writeFileSync(join(target, 'package.json'), '{ "type": "module" }');
  return {
    bootstrap: join(target, 'child', 'bootstrap.js'),
    pluginApi: join(target, 'plugin-api', 'index.js'),
    folders: [target],
    dispose: () => rmSync(target, { recursive: true, force: true }),
  };
}

function stripFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const file of readdirSync(from).filter((name) => name.endsWith('.ts'))) {
    const code = stripTypeScriptTypes(readFileSync(join(from, file), 'utf8'));
    writeFileSync(join(to, file.replace(/\.ts$/, '.js')), code.replaceAll(/(from |import\()'(\.[^']+)\.ts'/g, "$1'$2.js'"));
  }
}
