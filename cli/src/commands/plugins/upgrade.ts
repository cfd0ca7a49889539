import { Args, Flags } from '@oclif/core';
import { canonicalJson } from '@tendril/engine/plugins';
import { TendrilError } from '@tendril/plugin-api';
import type { LockFile, PinnedPlugin } from '@tendril/schemas';
import { BaseCommand } from '../../base-command.ts';
import { CommandFault, EXIT } from '../../failure.ts';
import type { HubClient } from '../../hub-client.ts';
import { readPermissions, refuseBeyond } from '../../operator/allowed-permissions.ts';
import type { Permissions } from '../../operator/allowed-permissions.ts';
import { confirmed } from '../../operator/ask.ts';
import { clearUnnamed } from '../../operator/clear-unnamed.ts';
import { findPackage } from '../../operator/find-package.ts';
import type { FoundPackage, PackageAddress } from '../../operator/found-package.ts';
import { findHubPlugin } from '../../operator/hub-plugin.ts';
import { readInstalledManifest } from '../../operator/installed-manifest.ts';
import { localHub, reloadHub } from '../../operator/local-hub.ts';
import { readAddress } from '../../operator/package-address.ts';
import { pinPackage, refuseFailedProvenance, refuseUnwanted } from '../../operator/pin-package.ts';
import { changeLock, findPluginHome } from '../../operator/plugin-home.ts';
import type { PluginHome } from '../../operator/plugin-home.ts';
import { rollBack } from '../../operator/roll-back.ts';
import { planLines, planUpgrade } from '../../operator/upgrade-plan.ts';
import type { MadePlan } from '../../operator/upgrade-plan.ts';

interface Upgraded {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly isDone: boolean;
  readonly plan?: MadePlan['plan'];
}

interface Flags {
  readonly plan: boolean;
  readonly to: string | undefined;
  readonly yes: boolean;
  readonly force: boolean;
  readonly allowed: Permissions | undefined;
}

export default class PluginsUpgrade extends BaseCommand {
  static override description =
    'Replace an installed plugin by a newer version, or all of them: shows what changes, which pipelines and runs it touches, and asks. The version before stays for --rollback.';
  static override examples = [
    'tendril plugins upgrade acme_crm --plan',
    'tendril plugins upgrade acme_crm --to ^2.0',
    'tendril plugins upgrade ./acme_crm-1.3.0.tgz',
    'tendril plugins upgrade acme_crm --rollback',
  ];
  static override args = {
    plugin: Args.string({ description: 'id of the plugin, or a tarball or folder of its new version; all that are installed without it' }),
  };
  static override flags = {
    plan: Flags.boolean({ description: 'show what would change, and change nothing' }),
    to: Flags.string({ description: 'range of versions; the newest without it' }),
    rollback: Flags.boolean({ description: 'go back to the version before', exclusive: ['plan', 'to'] }),
    yes: Flags.boolean({ char: 'y', description: 'upgrade without asking' }),
    'allow-permissions': Flags.string({
      description: 'upgrade if it asks for nothing beyond: JSON as `permissions` of a manifest, or a file',
    }),
    force: Flags.boolean({ description: 'upgrade although deployed pipelines would break' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsUpgrade);
    const place = findPluginHome(process.env);
    if (flags.rollback) return this.rollback(place, args.plugin);
    const allowed =
      flags['allow-permissions'] === undefined ? undefined : await readPermissions(flags['allow-permissions'], '--allow-permissions');
    const results: Upgraded[] = [];
    await changeLock(place, async (lock) => {
      let changed = lock;
      for (const address of addressesOf(args.plugin, lock, flags.to)) {
        const found = await this.find(place, changed, address);
        const result = await this.upgrade(place, changed, found, { ...flags, to: flags.to, allowed });
        results.push(result.upgraded);
        if (result.lock !== undefined) changed = result.lock;
      }
      return changed === lock ? undefined : changed;
    });
    if (results.length === 0) this.log('No plugin is installed, so there is nothing to upgrade.');
    return this.conclude(place, results);
  }

  private find(place: PluginHome, lock: LockFile, address: PackageAddress): Promise<FoundPackage> {
    return findPackage(address, { place, lock, note: (text) => this.note(text) });
  }

  private async upgrade(
    place: PluginHome,
    lock: LockFile,
    found: FoundPackage,
    { plan: isPlanOnly, yes, force, allowed }: Flags,
  ): Promise<{ readonly upgraded: Upgraded; readonly lock?: LockFile }> {
    const { id, version } = found.content;
    const pinned = lock.plugins[id];
    if (pinned === undefined) throw notInstalled(id);
    refuseUnwanted(found, pinned, { switchesOrigin: false });
    if (pinned.version === version && pinned.integrity === found.integrity) {
      this.log(`${id} ${version} is the newest.`);
      return { upgraded: { id, from: version, to: version, isDone: false } };
    }
    const manifest = await readInstalledManifest(place, id, pinned);
    const made = await planUpgrade(localHub(place, process.env), { version: pinned.version, manifest }, found.content);
    const { plan } = made;
    this.log(`${id}: ${pinned.version} to ${version}`);
    for (const line of planLines(made)) this.log(`  ${line}`);
    const upgraded = { id, from: pinned.version, to: version, isDone: false, plan };
    if (isPlanOnly) return { upgraded };
    if (plan.isBlocked && !force)
      throw new TendrilError('PLUGIN_UPGRADE_BLOCKED', { plugin: id, remedy: 'change the pipelines first; --force upgrades all the same' });
    refuseFailedProvenance(found, yes || allowed !== undefined);
    if (allowed !== undefined) await refuseBeyond(id, found.content.manifest.permissions as Permissions | undefined, allowed);
    const isSure =
      yes ||
      allowed !== undefined ||
      (await confirmed(`Upgrade ${id} to ${version}?`, { isJson: this.jsonEnabled(), otherwise: 'Say --yes, or --plan to look only.' }));
    if (!isSure) throw new CommandFault(`${id} stays at ${pinned.version}.`, EXIT.refused, 'NOT_CONFIRMED');
    const { withPlugin } = await import('@tendril/registry');
    const grants = isNarrowed(pinned, manifest.permissions ?? {}) ? (pinned.grants as Permissions) : undefined;
    if (grants !== undefined)
      this.note(`${id} is granted no more than before: tendril.lock narrows it. \`plugins install --grant\` changes that.`);
    return {
      upgraded: { ...upgraded, isDone: true },
      lock: withPlugin(lock, id, await pinPackage(place, found, { grants, before: pinned })),
    };
  }

  private async conclude(place: PluginHome, plugins: readonly Upgraded[]): Promise<unknown> {
    const done = plugins.filter(({ isDone }) => isDone);
    if (done.length === 0) return { plugins };
    const { says, reloaded, isBehind } = await reloadHub(place, process.env);
    if (!isBehind) await clearUnnamed(place);
    for (const { id, to } of done) this.log(`${id} is ${to}. \`tendril plugins upgrade ${id} --rollback\` goes back.`);
    this.log(says);
    const hub = reloaded === undefined ? undefined : localHub(place, process.env);
    if (hub !== undefined) for (const { id } of done) await this.tellConsent(hub, id);
    return { plugins, ...(reloaded === undefined ? {} : { reloaded }) };
  }

  private async tellConsent(hub: HubClient, id: string): Promise<void> {
    const plugin = await findHubPlugin(hub, id);
    if (plugin?.isEnabled === true && plugin.consent.isNeeded)
      this.log(`${id} asks for more than was consented to: it is not called until somebody does. \`tendril plugins enable ${id}\` asks.`);
  }

  private async rollback(place: PluginHome, id: string | undefined): Promise<unknown> {
    if (id === undefined) throw new CommandFault('Name the plugin to roll back.', EXIT.commandLine);
    const back = await rollBack(place, id);
    const { says, reloaded } = await reloadHub(place, process.env);
    this.log(`${id} is ${back.to} again. ${says}`);
    return { plugins: [{ id, ...back, isDone: true }], ...(reloaded === undefined ? {} : { reloaded }) };
  }
}

function addressesOf(given: string | undefined, lock: LockFile, range: string | undefined): readonly PackageAddress[] {
  const ids = given === undefined ? Object.keys(lock.plugins) : [given];
  return ids.flatMap((id) => {
    const pinned = lock.plugins[id];
    if (pinned !== undefined) return addressOf(id, pinned, range, given === undefined);
    const address = readAddress(id);
    if (address.kind === 'registry') throw notInstalled(address.id);
    return [address];
  });
}

/** Where a newer version of what is installed would come from. */
function addressOf(id: string, { source }: PinnedPlugin, range: string | undefined, isOneOfAll: boolean): readonly PackageAddress[] {
  const wanted = range === undefined ? {} : { range };
  if (source.kind === 'registry') return [{ kind: 'registry', id, ...wanted }];
  if (source.kind === 'npm') return [{ kind: 'npm', package: source.package, ...wanted }];
  if (isOneOfAll) return [];
  if (source.kind === 'folder')
    throw new CommandFault(`${id} is linked to ${source.path}: it is what lies there. POST /v1/plugins/reload, or a restart, takes it up.`);
  throw new CommandFault(`${id} was installed from ${source.file}: name the tarball or folder of its new version.`, EXIT.commandLine);
}

function isNarrowed({ grants }: PinnedPlugin, asked: object): boolean {
  return canonicalJson(grants) !== canonicalJson(asked);
}

function notInstalled(id: string): TendrilError {
  return new TendrilError('PLUGIN_UNKNOWN', { plugin: id, remedy: `\`tendril plugins install ${id}\` installs it` });
}
