import { Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { EXIT } from '../../failure.ts';
import { readPermissions } from '../../operator/allowed-permissions.ts';
import type { FindingKind, PluginFinding } from '../../operator/inspection.ts';
import { findPluginHome } from '../../operator/plugin-home.ts';

const KINDS: readonly FindingKind[] = [
  'integrity',
  'missing',
  'registry',
  'revoked',
  'linked',
  'trusted',
  'unsigned',
  'outdated',
  'permissions',
  'grants',
];

export default class PluginsAudit extends BaseCommand {
  static override description =
    'Look at every installed plugin: files, lock, revocations, newer versions, signatures, permissions. Exit code 1 when there is something to look at.';
  static override examples = [
    'tendril plugins audit',
    'tendril plugins audit --allow-permissions allowed.json --ignore unsigned --ignore outdated',
  ];
  static override flags = {
    'allow-permissions': Flags.string({ description: 'what plugins may ask for at most: JSON as `permissions` of a manifest, or a file' }),
    ignore: Flags.string({ multiple: true, options: [...KINDS], description: 'findings that do not count' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(PluginsAudit);
    const place = findPluginHome(process.env);
    const allowed =
      flags['allow-permissions'] === undefined ? undefined : await readPermissions(flags['allow-permissions'], '--allow-permissions');
    const [{ readLock }, { auditPlugin }, { reachableRegistries }] = await Promise.all([
      import('@tendril/registry'),
      import('../../operator/inspection.ts'),
      import('../../operator/reachable-registries.ts'),
    ]);
    const plugins = Object.entries((await readLock(place.lockFile)).plugins);
    const registries = plugins.length === 0 ? [] : await reachableRegistries(place, (text) => this.note(text));
    const all: PluginFinding[] = [];
    for (const [id, pinned] of plugins) all.push(...(await auditPlugin(id, pinned, { place, registries, allowed })));
    const ignored = new Set<string>(flags.ignore ?? []);
    const findings = all.filter(({ kind }) => !ignored.has(kind));
    const rows = findings.map(({ plugin, version, kind, says }) => ({ plugin, version, kind, says }));
    this.table(rows, plugins.length === 0 ? 'No plugin is installed.' : `${String(plugins.length)} installed, nothing to look at.`);
    if (findings.length > 0) process.exitCode = EXIT.failed;
    return { plugins: plugins.map(([id, { version }]) => ({ id, version })), findings };
  }
}
