import type { PinnedPlugin } from '@tendril/schemas';
import { CommandFault, EXIT } from '../failure.ts';
import { FIRST_PARTY } from '../wiring/plugin-sources.ts';
import type { Permissions } from './allowed-permissions.ts';
import { originOf } from './find-package.ts';
import type { FoundPackage } from './found-package.ts';
import type { PluginHome } from './plugin-home.ts';

const OWN: ReadonlySet<string> = new Set(FIRST_PARTY);

/**
 * Refuses ids of plugins that come with Tendril, and other bytes under a version that is pinned already.
 *
 * @throws CommandFault
 */
export function refuseUnwanted(
  { content: { id, version }, source, integrity }: FoundPackage,
  pinned: PinnedPlugin | undefined,
  { switchesOrigin }: { readonly switchesOrigin: boolean },
): void {
  if (OWN.has(id))
    throw new CommandFault(
      `${id} is the id of a plugin that comes with Tendril; another one cannot take its place.`,
      EXIT.refused,
      'ID_TAKEN',
    );
  const isPublished = source.kind === 'registry' || source.kind === 'npm';
  if (isPublished && !switchesOrigin && pinned?.version === version && pinned.integrity !== undefined && pinned.integrity !== integrity)
    throw new CommandFault(
      `${id} ${version} of ${originOf(source)} has other bytes than when it was installed here: a version that was published does not change. Do not install it; ask its author.`,
      EXIT.failed,
      'PACKAGE_INTEGRITY',
    );
}

/**
 * Where nobody looks, a package whose signatures did not hold is not taken.
 *
 * @throws CommandFault
 */
export function refuseFailedProvenance({ content: { id, version }, provenance, notes }: FoundPackage, isUnattended: boolean): void {
  if (provenance !== 'failed' || !isUnattended) return;
  throw new CommandFault(
    [`The signatures or attestations of ${id} ${version} could not be verified, so it is not taken unattended.`, ...notes].join('\n'),
    EXIT.failed,
    'PROVENANCE_FAILED',
  );
}

/**
 * Puts a package in its place and gives what pins it.
 *
 * @param options grants: the most that it may be granted; what its manifest asks for without it
 */
export async function pinPackage(
  place: PluginHome,
  { content, source, integrity, provenance }: FoundPackage,
  { grants, before }: { readonly grants?: Permissions | undefined; readonly before?: PinnedPlugin | undefined },
): Promise<PinnedPlugin> {
  const { toPrevious, unpackPlugin } = await import('@tendril/registry');
  const previous = before === undefined || before.version === content.version ? before?.previous : toPrevious(before);
  const pinned: PinnedPlugin = {
    version: content.version,
    source,
    manifest: content.manifestHash,
    grants: grants ?? (content.manifest.permissions as Permissions | undefined) ?? {},
    provenance,
    ...(before?.isTrusted === undefined ? {} : { isTrusted: before.isTrusted }),
    ...(previous === undefined ? {} : { previous }),
  };
  if (integrity === undefined) return pinned;
  await unpackPlugin(place.plugins, content);
  return { ...pinned, integrity, files: content.filesHash };
}
