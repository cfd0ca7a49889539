import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { asObject } from './author-folder.ts';

const USUAL = ['src/index.ts', 'src/index.mts', 'src/index.js', 'src/index.mjs', 'index.ts', 'index.js', 'index.mjs'];

/** The source of a plugin's entry module, by its path in the folder; `undefined` when there is none. */
export function findEntry(folder: string, packageJson: unknown): string | undefined {
  const { exports, main } = asObject(packageJson);
  const root = asObject(exports)['.'] ?? exports;
  const named = [asObject(root)['tendril-source'], ...USUAL, root, asObject(root)['import'], asObject(root)['default'], main];
  return named
    .filter((path) => typeof path === 'string')
    .map((path) => path.replace(/^\.\//, ''))
    .find((path) => existsSync(join(folder, path)));
}

/** Whether a manifest declares anything that code has to answer. */
export function needsCode(manifest: unknown): boolean {
  const contributes = asObject(asObject(manifest)['contributes']);
  const actions = Object.values(asObject(contributes['actions'])).map(asObject);
  if (actions.some((action) => action['http'] === undefined || action['idempotency'] === 'check')) return true;
  const webhooks = Object.values(asObject(contributes['webhooks'])).map(asObject);
  if (webhooks.some(({ verify, event }) => verify === 'handler' || event === undefined)) return true;
  return ['triggers', 'consumers', 'schedules', 'routes', 'agents', 'drivers'].some(
    (kind) => Object.keys(asObject(contributes[kind])).length > 0,
  );
}
