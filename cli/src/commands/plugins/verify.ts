import { Args } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { EXIT } from '../../failure.ts';
import { findPluginHome } from '../../operator/plugin-home.ts';
import { notInstalled } from '../../operator/plugin-removal.ts';

export default class PluginsVerify extends BaseCommand {
  static override description =
    'Compare the files of installed plugins with tendril.lock, byte by byte, and the lock with the registries that they came from. Exit code 1 when something differs.';
  static override args = { id: Args.string({ description: 'id of a plugin; all of them without it' }) };

  async run(): Promise<unknown> {
    const { args } = await this.parse(PluginsVerify);
    const place = findPluginHome(process.env);
    const [{ readLock }, { verifyPlugin }, { reachableRegistries }] = await Promise.all([
      import('@tendril/registry'),
      import('../../operator/inspection.ts'),
      import('../../operator/reachable-registries.ts'),
    ]);
    const { plugins } = await readLock(place.lockFile);
    if (args.id !== undefined && plugins[args.id] === undefined) notInstalled(args.id);
    const wanted = Object.entries(plugins).filter(([id]) => args.id === undefined || id === args.id);
    const registries = wanted.length === 0 ? [] : await reachableRegistries(place, (text) => this.note(text));
    const findings = [];
    for (const [id, pinned] of wanted) findings.push(...(await verifyPlugin(id, pinned, { place, registries })));
    if (wanted.length === 0) this.log('No plugin is installed.');
    else if (findings.length === 0) this.log(`${wanted.map(([id, { version }]) => `${id} ${version}`).join(', ')}: as tendril.lock says.`);
    else
      this.table(
        findings.map(({ plugin, version, kind, says }) => ({ plugin, version, kind, says })),
        '',
      );
    if (findings.length > 0) process.exitCode = EXIT.failed;
    return { plugins: wanted.map(([id, { version }]) => ({ id, version })), findings };
  }
}
