import { diffPermissions } from '@tendril/engine/plugins';
import type { Manifest, PinnedPlugin } from '@tendril/schemas';
import type { RegistryClient } from '@tendril/registry';
import { gt } from 'semver';
import type { Permissions } from './allowed-permissions.ts';
import { readInstalledManifest } from './installed-manifest.ts';
import type { PluginHome } from './plugin-home.ts';
import { newestIn, registryOf } from './registry-packages.ts';

/** What an audit can find. */
export type FindingKind =
  'integrity' | 'missing' | 'registry' | 'revoked' | 'linked' | 'trusted' | 'unsigned' | 'outdated' | 'permissions' | 'grants';

/** Something that an operator should look at. */
export interface PluginFinding {
  readonly plugin: string;
  readonly version: string;
  readonly kind: FindingKind;
  readonly says: string;
}

/** What a plugin is looked at with. */
export interface InspectionOptions {
  readonly place: PluginHome;
  /** With verified indexes; empty where none is known. */
  readonly registries: readonly RegistryClient[];
  /** What plugins may ask for at most. */
  readonly allowed?: Permissions | undefined;
}

/** Whether what is installed is what the lock pins, and the lock what the registry serves. */
export async function verifyPlugin(
  id: string,
  pinned: PinnedPlugin,
  { place, registries }: InspectionOptions,
): Promise<readonly PluginFinding[]> {
  const { verifyInstalled } = await import('@tendril/registry');
  const fault = await verifyInstalled(place.plugins, id, pinned);
  return [
    ...(fault === undefined ? [] : [finding(id, pinned, fault.kind === 'missing' ? 'missing' : 'integrity', fault.message)]),
    ...againstRegistry(id, pinned, registries),
  ];
}

/** Everything that is worth a look. */
export async function auditPlugin(id: string, pinned: PinnedPlugin, options: InspectionOptions): Promise<readonly PluginFinding[]> {
  const { place, registries, allowed } = options;
  const verified = await verifyPlugin(id, pinned, options);
  const found = (kind: FindingKind, says: string): PluginFinding => finding(id, pinned, kind, says);
  const newest = newestIn(registries, id, pinned.source);
  const isThere = !verified.some(({ kind }) => kind === 'missing');
  return [
    ...verified,
    ...(pinned.source.kind === 'folder' ? [found('linked', `is linked to ${pinned.source.path}: nothing pins what is in it`)] : []),
    ...(pinned.isTrusted === true ? [found('trusted', "its code runs in the hub's own process, without a fence")] : []),
    ...(pinned.source.kind !== 'folder' && pinned.provenance !== 'verified'
      ? [
          found(
            'unsigned',
            pinned.provenance === 'failed' ? 'its signatures or attestations did not hold' : 'nobody signed it who is known here',
          ),
        ]
      : []),
    ...(newest !== undefined && gt(newest, pinned.version)
      ? [found('outdated', `there is ${newest}: \`tendril plugins upgrade ${id} --plan\``)]
      : []),
    ...(isThere ? permissionFindings(await readInstalledManifest(place, id, pinned), pinned, allowed, found) : []),
  ];
}

function permissionFindings(
  { permissions }: Manifest,
  pinned: PinnedPlugin,
  allowed: Permissions | undefined,
  found: (kind: FindingKind, says: string) => PluginFinding,
): readonly PluginFinding[] {
  const beyondGrants = diffPermissions(pinned.grants, permissions).added;
  const beyondAllowed = allowed === undefined ? [] : diffPermissions(allowed, permissions).added;
  return [
    ...beyondAllowed.map((line) => found('permissions', `asks for more than the allow-list allows: ${line}`)),
    ...beyondGrants.map((line) => found('grants', `asks for what tendril.lock does not grant, and does not get it: ${line}`)),
  ];
}

function againstRegistry(id: string, pinned: PinnedPlugin, registries: readonly RegistryClient[]): readonly PluginFinding[] {
  const name = registryOf(pinned.source);
  const client = registries.find((registry) => registry.name === name);
  if (name === undefined) return [];
  const found = (kind: FindingKind, says: string): PluginFinding => finding(id, pinned, kind, says);
  if (client === undefined) return [found('registry', `came from the registry ${name}, which cannot be asked: it was not compared`)];
  const revocation = client.revocation(id, pinned.version);
  const served = client.find(id)?.versions.find(({ version }) => version === pinned.version);
  return [
    ...(revocation === undefined ? [] : [found('revoked', `its registry has taken this version back: ${revocation.reason}`)]),
    ...(served === undefined ? [found('registry', `the registry ${name} has no such version any more`)] : []),
    ...(served !== undefined && served.integrity !== pinned.integrity
      ? [found('integrity', `the registry ${name} serves other bytes under this version than were installed`)]
      : []),
  ];
}

function finding(plugin: string, { version }: PinnedPlugin, kind: FindingKind, says: string): PluginFinding {
  return { plugin, version, kind, says };
}
