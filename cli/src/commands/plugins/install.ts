import { Args, Flags } from '@oclif/core';
import type { PinnedPlugin } from '@tendril/schemas';
import { BaseCommand } from '../../base-command.ts';
import { CommandFault, EXIT } from '../../failure.ts';
import { readPermissions, refuseBeyond } from '../../operator/allowed-permissions.ts';
import type { Permissions } from '../../operator/allowed-permissions.ts';
import { confirmed } from '../../operator/ask.ts';
import { clearUnnamed } from '../../operator/clear-unnamed.ts';
import { findPackage, originOf } from '../../operator/find-package.ts';
import type { FoundPackage } from '../../operator/found-package.ts';
import { reloadHub } from '../../operator/local-hub.ts';
import { readAddress } from '../../operator/package-address.ts';
import { changeLock, findPluginHome } from '../../operator/plugin-home.ts';
import type { PluginHome } from '../../operator/plugin-home.ts';
import { pinPackage, refuseFailedProvenance, refuseUnwanted } from '../../operator/pin-package.ts';

export default class PluginsInstall extends BaseCommand {
  static override description =
    'Install a plugin into the data folder: fetched, checked, pinned in tendril.lock. None of its code is run, no install scripts either; a tenant uses it after `tendril plugins enable`.';
  static override examples = [
    'tendril plugins install acme_crm',
    'tendril plugins install acme_crm@^1.2 --yes',
    'tendril plugins install npm:tendril-plugin-acme_crm',
    'tendril plugins install ./acme_crm-1.2.0.tgz --allow-permissions allowed.json',
    'tendril plugins install ./acme_crm --link',
  ];
  static override args = {
    plugin: Args.string({ required: true, description: 'id in a registry, name on npm (each with @range), tarball or folder' }),
  };
  static override flags = {
    yes: Flags.boolean({ char: 'y', description: 'install without asking' }),
    'allow-permissions': Flags.string({
      description: 'what it may ask for at most: JSON as `permissions` of a manifest, or a file; more is refused',
    }),
    grant: Flags.string({
      description: 'the most that it is granted, whatever it asks for: JSON as `permissions` of a manifest, or a file',
    }),
    link: Flags.boolean({ description: 'use a folder where it lies, for development: nothing pins what is in it' }),
    registry: Flags.string({ description: 'name of the registry to take it from' }),
    'switch-registry': Flags.boolean({ description: 'take the id from another origin than before' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsInstall);
    const address = readAddress(args.plugin);
    const allowed =
      flags['allow-permissions'] === undefined ? undefined : await readPermissions(flags['allow-permissions'], '--allow-permissions');
    const grants = flags.grant === undefined ? undefined : await readPermissions(flags.grant, '--grant');
    const place = findPluginHome(process.env);
    let answer: object = {};
    await changeLock(place, async (lock) => {
      const found = await findPackage(address, {
        place,
        lock,
        isLinked: flags.link,
        switchesOrigin: flags['switch-registry'],
        registry: flags.registry,
        note: (text) => this.note(text),
      });
      const { id } = found.content;
      refuseUnwanted(found, lock.plugins[id], { switchesOrigin: flags['switch-registry'] });
      refuseFailedProvenance(found, flags.yes || allowed !== undefined);
      if (allowed !== undefined) await refuseBeyond(id, found.content.manifest.permissions as Permissions | undefined, allowed);
      await this.show(found);
      const isSure = flags.yes || allowed !== undefined || (await this.ask(found));
      if (!isSure) throw new CommandFault(`${id} was not installed.`, EXIT.refused, 'NOT_CONFIRMED');
      const { withPlugin } = await import('@tendril/registry');
      const pinned = await pinPackage(place, found, { grants, before: lock.plugins[id] });
      answer = describe(found, pinned);
      return withPlugin(lock, id, pinned);
    });
    return this.conclude(place, answer as ReturnType<typeof describe>);
  }

  private async ask({ content: { id, version } }: FoundPackage): Promise<boolean> {
    return confirmed(`Install ${id} ${version}?`, {
      isJson: this.jsonEnabled(),
      otherwise: 'Say --yes, or what it may ask for with --allow-permissions.',
    });
  }

  private async show({ content, source, provenance, notes }: FoundPackage): Promise<void> {
    const { describePermissions } = await import('@tendril/engine/plugins');
    const { id, version, manifest, ignoredScripts } = content;
    const words = describePermissions(manifest.permissions);
    this.log(`${manifest.title} (${id} ${version}), from ${originOf(source)}; provenance: ${provenance}.`);
    this.log(words.length === 0 ? 'It asks for nothing beyond its own settings.' : 'Enabled, it could:');
    for (const line of words) this.log(`  ${line}`);
    if (ignoredScripts.length > 0) this.log(`Its install scripts are not run: ${ignoredScripts.join(', ')}.`);
    for (const note of notes) this.log(note);
  }

  private async conclude(place: PluginHome, answer: ReturnType<typeof describe>): Promise<unknown> {
    const { says, reloaded, isBehind } = await reloadHub(place, process.env);
    if (!isBehind) await clearUnnamed(place);
    this.log(`${answer.id} ${answer.version} is installed. ${says}`);
    const faults = (reloaded?.faults ?? []).filter(({ plugin }) => plugin === answer.id);
    for (const { message, pointer = '' } of faults) this.note(`Fault of ${answer.id}: ${pointer === '' ? '' : `${pointer} `}${message}`);
    this.log(`\`tendril plugins enable ${answer.id}\` lets a tenant use it.`);
    return { ...answer, ...(reloaded === undefined ? { isLoaded: false } : { isLoaded: faults.length === 0, reloaded }) };
  }
}

function describe({ content, notes }: FoundPackage, { version, source, integrity, provenance, grants }: PinnedPlugin) {
  return { id: content.id, version, source, integrity, provenance, grants, ignoredScripts: content.ignoredScripts, notes };
}
