import { Args, Flags } from '@oclif/core';
import type { LockFile, Manifest, PinnedPlugin } from '@tendril/schemas';
import { BaseCommand } from '../../base-command.ts';
import { findPackage, originOf } from '../../operator/find-package.ts';
import type { FoundPackage } from '../../operator/found-package.ts';
import { readInstalledManifest } from '../../operator/installed-manifest.ts';
import { readAddress } from '../../operator/package-address.ts';
import { findPluginHome } from '../../operator/plugin-home.ts';
import type { PluginHome } from '../../operator/plugin-home.ts';

interface Shown {
  readonly id: string;
  readonly version: string;
  /** Missing for one that comes with Tendril. */
  readonly source?: FoundPackage['source'];
  readonly integrity?: string | undefined;
  readonly provenance?: string | undefined;
  readonly manifest: Manifest;
  readonly grants?: object;
  readonly notes?: readonly string[];
}

export default class PluginsInfo extends BaseCommand {
  static override description =
    'Show what a plugin is and may do: one that comes with Tendril or is installed, or a package before it is installed. None of its code is run.';
  static override examples = [
    'tendril plugins info acme_crm',
    'tendril plugins info ./acme_crm-1.2.0.tgz',
    'tendril plugins info acme_crm --offered',
  ];
  static override args = { plugin: Args.string({ required: true, description: 'id, name on npm, tarball or folder' }) };
  static override flags = { offered: Flags.boolean({ description: 'what registries offer under the id, not what is installed' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsInfo);
    const place = findPluginHome(process.env);
    const { readLock } = await import('@tendril/registry');
    const lock = await readLock(place.lockFile);
    const pinned = flags.offered ? undefined : lock.plugins[args.plugin];
    if (pinned !== undefined) return this.show(await installed(place, args.plugin, pinned), true);
    const own = flags.offered ? undefined : await readOwn(args.plugin);
    return own === undefined ? this.show(await this.find(place, lock, args.plugin), false) : this.show(own, true);
  }

  private async find(place: PluginHome, lock: LockFile, given: string): Promise<Shown> {
    const found = await findPackage(readAddress(given), { place, lock, switchesOrigin: true, note: (text) => this.note(text) });
    const { content, source, integrity, provenance, notes } = found;
    const scripts = content.ignoredScripts.map((name) => `Its script ${name} would not be run.`);
    return {
      id: content.id,
      version: content.version,
      source,
      integrity,
      provenance,
      manifest: content.manifest,
      notes: [...notes, ...scripts],
    };
  }

  private async show(shown: Shown, isInstalled: boolean): Promise<unknown> {
    const { describePermissions, diffPermissions, permissionsHash } = await import('@tendril/engine/plugins');
    const { id, version, source, integrity, provenance, manifest, grants, notes = [] } = shown;
    const permissions = describePermissions(manifest.permissions);
    const refused = grants === undefined ? [] : diffPermissions(grants, manifest.permissions).added;
    const contributes = Object.entries(manifest.contributes as Readonly<Record<string, object>>).map(
      ([kind, items]) => [kind, Object.keys(items)] as const,
    );
    const origin =
      source === undefined
        ? 'comes with Tendril'
        : `${isInstalled ? 'installed ' : ''}from ${originOf(source)}; provenance: ${provenance ?? 'none'}`;
    this.log(`${manifest.title} (${id} ${version}), ${origin}.`);
    if (integrity !== undefined) this.log(`Integrity: ${integrity}`);
    this.log(`Runs on the plugin contract ${manifest.engines.tendril}.`);
    this.section('It may:', permissions, 'It asks for nothing beyond its own settings.');
    this.section('Of these tendril.lock does not grant:', refused);
    this.section(
      'It brings:',
      contributes.map(([kind, names]) => `${kind}: ${names.join(', ')}`),
      'It brings nothing.',
    );
    this.section(
      'Connections:',
      Object.entries(manifest.connections ?? {}).map(([kind, { title }]) => `${kind}: ${title}`),
    );
    this.section(
      'Breaking changes:',
      (manifest.breakingChanges ?? []).map((change) => `${change.version}: ${change.change} ${change.guide}`),
    );
    for (const note of notes) this.log(note);
    return {
      id,
      version,
      title: manifest.title,
      isInstalled,
      source,
      integrity,
      provenance: provenance ?? 'none',
      permissions: manifest.permissions ?? {},
      permissionsInWords: permissions,
      permissionsHash: permissionsHash(manifest),
      notGranted: refused,
      contributes: Object.fromEntries(contributes),
      breakingChanges: manifest.breakingChanges ?? [],
      notes,
    };
  }

  private section(title: string, lines: readonly string[], empty?: string): void {
    if (lines.length > 0) this.log(title);
    else if (empty !== undefined) this.log(empty);
    for (const line of lines) this.log(`  ${line}`);
  }
}

/** A plugin that comes with Tendril: its manifest is read, none of its code. */
async function readOwn(id: string): Promise<Shown | undefined> {
  const { FIRST_PARTY, findPlugins } = await import('../../wiring/plugin-sources.ts');
  if (!FIRST_PARTY.some((own) => own === id)) return undefined;
  const [{ packageJson, manifest } = {}] = await findPlugins([id]);
  const version = packageJson?.['version'];
  if (typeof manifest !== 'string' || typeof version !== 'string') return undefined;
  return { id, version, manifest: JSON.parse(manifest) as Manifest };
}

async function installed(place: PluginHome, id: string, pinned: PinnedPlugin): Promise<Shown> {
  const { version, source, integrity, provenance, grants } = pinned;
  return { id, version, source, integrity, provenance, grants, manifest: await readInstalledManifest(place, id, pinned) };
}
