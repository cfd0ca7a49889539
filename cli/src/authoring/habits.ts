import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { asObject } from './author-folder.ts';
import type { AuthorFolder } from './author-folder.ts';
import type { AuthorFault } from './faults.ts';

type Warn = (pointer: string, message: string, remedy?: string) => void;

/** What good plugins have and this one has not. Keeps no hub from taking it. */
export function findHabits(folder: AuthorFolder): readonly AuthorFault[] {
  const { manifest, packageJson } = folder;
  const warnings: AuthorFault[] = [];
  const warnIn =
    (file: AuthorFolder['manifest']): Warn =>
    (pointer, message, remedy) => {
      const place = file.json?.placeOf(pointer);
      warnings.push({ severity: 'warning', file: file.file, ...place, pointer, message, ...(remedy === undefined ? {} : { remedy }) });
    };
  for (const [file, remedy] of [
    ['README.md', 'Say what it is for, its settings and its limits.'],
    ['CHANGELOG.md', 'Say what each version changes.'],
    ['LICENSE', 'Nobody may use what has no licence.'],
  ] as const)
    if (!existsSync(join(folder.path, file))) warnings.push({ severity: 'warning', file, message: 'is missing', remedy });
  if (manifest.json !== undefined) checkManifestHabits(asObject(manifest.json.value), warnIn(manifest));
  if (packageJson.json !== undefined) checkPackageHabits(asObject(packageJson.json.value), warnIn(packageJson));
  return warnings;
}

function checkManifestHabits(manifest: Readonly<Record<string, unknown>>, warn: Warn): void {
  if (manifest['$schema'] === undefined)
    warn(
      '',
      'names no `$schema`',
      'With one, editors complete names and show faults: "./node_modules/@tendril/schemas/schema/plugin.schema.json".',
    );
  checkHosts(manifest, warn);
  for (const [id, value] of Object.entries(asObject(asObject(manifest['contributes'])['actions']))) checkAction(id, asObject(value), warn);
}

function checkAction(id: string, action: Readonly<Record<string, unknown>>, warn: Warn): void {
  const at = `/contributes/actions/${id}`;
  if (typeof action['description'] !== 'string') warn(at, 'has no description', 'People choose by it, and AI assistants call by it.');
  const examples = Array.isArray(action['examples']) ? (action['examples'] as readonly unknown[]).map(asObject) : [];
  const hasEffect = action['effect'] !== 'read';
  if (examples.length === 0 && hasEffect)
    warn(
      at,
      'changes something and has no examples',
      'Examples are checked, tried by `tendril plugins test`, and shown in the documentation.',
    );
  if (action['idempotency'] === 'none')
    warn(
      `${at}/idempotency`,
      'lets a step that died in a call wait for a person',
      'Use `key` where the service takes one, or `check` where it can be asked.',
    );
}

function checkHosts({ permissions }: Readonly<Record<string, unknown>>, warn: Warn): void {
  const hosts = asObject(permissions)['hosts'];
  if (!Array.isArray(hosts)) return;
  for (const [index, host] of (hosts as readonly unknown[]).entries()) {
    if (typeof host !== 'string') continue;
    const isBroad = host.startsWith('*.') && host.split('.').length < 4;
    if (isBroad)
      warn(
        `/permissions/hosts/${index}`,
        `lets it reach every host below ${host.slice(2)}`,
        'Name the hosts that it needs: the operator is shown them.',
      );
  }
}

function checkPackageHabits(packageJson: Readonly<Record<string, unknown>>, warn: Warn): void {
  if (typeof packageJson['description'] !== 'string' || packageJson['description'] === '')
    warn('', 'has no description', 'The registry shows it.');
  if (typeof packageJson['license'] !== 'string') warn('', 'names no license', 'An SPDX id, such as "Apache-2.0".');
  if (packageJson['type'] !== 'module') warn('/type', 'is not "module"', 'Plugins are ES modules.');
}
