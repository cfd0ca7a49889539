import { TendrilError } from '@tendril/plugin-api';
import type { RegistryEntry, RegistryVersion } from '@tendril/schemas';
import { isSame } from './check-history.ts';
import type { PackageFacts } from './package-facts.ts';
import { readPackageFacts } from './package-facts.ts';
import type { Report } from './registry-fault.ts';

/** Checks that a package holds what its entry says. */
export async function checkPackage(
  id: string,
  entry: RegistryEntry,
  version: RegistryVersion,
  bytes: Uint8Array,
  report: Report,
): Promise<void> {
  const at = `/versions/${entry.versions.indexOf(version)}`;
  const facts = await factsOf(bytes, at, report);
  if (facts === undefined) return;
  if (facts.id !== id) report(at, `the package is plugin \`${facts.id}\``, `send it in as plugins/${facts.id}/`);
  for (const [name, value] of Object.entries(facts.version)) {
    const said = version[name as keyof PackageFacts['version']];
    if (!isSame(said, value)) report(`${at}/${name}`, `the package says ${shown(value)}`, AGAIN);
  }
  if (version.breakingChanges !== undefined && facts.version.breakingChanges === undefined)
    report(`${at}/breakingChanges`, 'the package says nothing of breaking changes', AGAIN);
  if (!facts.hasReadme) report(at, 'the package has no README', 'add README.md and publish again');
  if (!facts.hasLicenceFile) report(at, 'the package has no file LICENSE', 'add it and publish again');
  if (facts.licence === '' || facts.licence === 'UNLICENSED')
    report(at, 'package.json names no licence', 'set `license` to an SPDX expression such as Apache-2.0');
  if (version === entry.versions.at(-1)) checkNewest(entry, facts, report);
}

const AGAIN = 'run `tendril plugins publish` again, which writes the entry from the package';

function checkNewest(entry: RegistryEntry, facts: PackageFacts, report: Report): void {
  for (const name of ['title', 'description', 'categories', 'licence'] as const)
    if (!isSame(entry[name], facts[name])) report(`/${name}`, `the newest package says ${shown(facts[name])}`, AGAIN);
}

async function factsOf(bytes: Uint8Array, at: string, report: Report): Promise<PackageFacts | undefined> {
  try {
    return await readPackageFacts(bytes);
  } catch (error) {
    if (!TendrilError.is(error)) throw error;
    const { problems, reason, path, remedy } = error.details as Details;
    for (const { pointer = '', message } of problems ?? [])
      report(at, `plugin.json${pointer}: ${message}`, '`tendril plugins validate` says more');
    if (problems === undefined)
      report(at, `the package is not valid: ${reason ?? error.message}${path === undefined ? '' : ` (${path})`}`, remedy);
    return undefined;
  }
}

interface Details {
  readonly problems?: readonly { readonly pointer?: string; readonly message: string }[];
  readonly reason?: string;
  readonly path?: string;
  readonly remedy?: string;
}

const LONGEST_SHOWN = 200;

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
