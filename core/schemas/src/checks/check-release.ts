import type { Manifest } from '../gen/plugin.gen.ts';
import { compareManifests } from './compare-manifests.ts';
import type { ManifestChange } from './compare-manifests.ts';

/** A version of a plugin with its manifest, schemas inside. */
export interface Release {
  readonly version: string;
  readonly manifest: Manifest;
}

/** Why a version may not follow another one. */
export interface ReleaseProblem {
  /** `package.json` for the version, `plugin.json` for everything else. */
  readonly file: 'package.json' | 'plugin.json';
  readonly pointer: string;
  readonly message: string;
  readonly mend: string;
}

type Version = readonly [number, number, number];

/**
 * Whether a version says what it breaks: in its number (the major one; before 1.0 the minor one) and under
 * `breakingChanges`. What may do more than before is a minor version at least.
 */
export function checkRelease(before: Release, after: Release): readonly ReleaseProblem[] {
  const [old, now] = [readVersion(before.version), readVersion(after.version)];
  if (old === undefined || now === undefined)
    return [versionProblem(`${after.version} cannot be compared with ${before.version}`, 'write both as 1.2.3')];
  if (compareVersions(now, old) < 0)
    return [versionProblem(`is ${after.version}, and ${before.version} was published before`, 'choose a larger one')];
  const changes = compareManifests(before.manifest, after.manifest);
  const broken = changes.filter(({ weight }) => weight === 'breaking');
  const broadened = changes.filter(({ weight }) => weight === 'broadening');
  const isTold = hasEntry(after.manifest, old, now);
  return [
    ...(isTold ? [] : broken.map(toProblem)),
    ...(broken.length > 0 && !isMajor(old, now)
      ? [versionProblem(`is ${after.version}, which says that nothing breaks since ${before.version}`, `choose ${nextMajor(old)}`)]
      : []),
    ...(broadened.length > 0 && !isMinor(old, now)
      ? [
          versionProblem(
            `is ${after.version}, although it may do more than ${before.version}: ${broadened.map(({ pointer, message }) => `${pointer} ${message}`).join('; ')}`,
            `choose ${nextMinor(old)}`,
          ),
        ]
      : []),
  ];
}

function toProblem({ pointer, message }: ManifestChange): ReleaseProblem {
  return { file: 'plugin.json', pointer, message, mend: 'take it back, or tell under `breakingChanges` what changes and what to do' };
}

function versionProblem(message: string, mend: string): ReleaseProblem {
  return { file: 'package.json', pointer: '/version', message, mend };
}

/** An entry for one of the versions since then. */
function hasEntry({ breakingChanges = [] }: Manifest, old: Version, now: Version): boolean {
  return breakingChanges.some(({ version }) => {
    const told = readVersion(version);
    return told !== undefined && compareVersions(told, old) > 0 && compareVersions(told, now) <= 0;
  });
}

function readVersion(text: string): Version | undefined {
  const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)/.exec(text) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

function compareVersions(one: Version, other: Version): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}

function isMajor(old: Version, now: Version): boolean {
  return now[0] > old[0] || (old[0] === 0 && now[1] > old[1]);
}

function isMinor(old: Version, now: Version): boolean {
  return now[0] > old[0] || now[1] > old[1];
}

function nextMajor([major, minor]: Version): string {
  return major === 0 ? `0.${String(minor + 1)}.0` : `${String(major + 1)}.0.0`;
}

function nextMinor([major, minor]: Version): string {
  return `${String(major)}.${String(minor + 1)}.0`;
}
