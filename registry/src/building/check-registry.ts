import type { RegistryEntry, RegistryRevocation, RegistryRoot, RegistryVersion } from '@tendril/schemas';
import { validRange } from 'semver';
import { integrityOf } from '../packages/index.ts';
import { checkEntry } from './check-entry.ts';
import { checkHistory, isSame } from './check-history.ts';
import { checkPackage } from './check-package.ts';
import { checkRoots } from './check-roots.ts';
import { lookAlikes } from './look-alikes.ts';
import { parseEntry, parseRevocations } from './parse-entry.ts';
import { reportTo } from './registry-fault.ts';
import type { RegistryFault, Report } from './registry-fault.ts';
import type { RegistryFolder } from './registry-folder.ts';

/** How a folder is checked. */
export interface CheckOptions {
  /** What is published already; what is in it is not looked into again, and has to stay. */
  readonly base?: RegistryFolder | undefined;
  /** Version of the plugin contract. */
  readonly contractVersion: string;
  /** `hashes` compares bytes with entries only; `packages` (the default) also reads what is new. */
  readonly depth?: 'hashes' | 'packages';
  /** Fetches a package from npm; without it those are not looked into. */
  readonly fetchNpm?: ((npm: NonNullable<RegistryVersion['npm']>) => Promise<Uint8Array>) | undefined;
  /** Says whether npm attests where a version was built; without it what entries say of that is not looked into. */
  readonly verifyProvenance?: ((npm: NonNullable<RegistryVersion['npm']>) => Promise<'verified' | 'none' | 'failed'>) | undefined;
  /** Called behind each plugin. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What a folder holds, and what is wrong with it. */
export interface CheckedRegistry {
  readonly faults: readonly RegistryFault[];
  /** What could not be looked into, in sentences. */
  readonly notices: readonly string[];
  /** Sound entries by id. */
  readonly entries: ReadonlyMap<string, RegistryEntry>;
  readonly revocations: readonly RegistryRevocation[];
  /** Oldest first. */
  readonly roots: readonly RegistryRoot[];
}

/** Checks a folder of submissions, by itself and against what is published. All faults are told at once. */
export async function checkRegistry(head: RegistryFolder, options: CheckOptions): Promise<CheckedRegistry> {
  const faults: RegistryFault[] = [];
  const notices: string[] = [];
  const entries = new Map<string, RegistryEntry>();
  const { base } = options;
  for (const stray of head.strays)
    faults.push({ file: `plugins/${stray}`, pointer: '', message: 'is no folder of a plugin', remedy: 'remove it' });
  let done = 0;
  for (const [id, text] of head.entries) {
    const report = reportTo(faults, `plugins/${id}/entry.json`);
    const entry = parseEntry(id, text, report);
    if (entry !== undefined) {
      const published = parseEntry(id, base?.entries.get(id) ?? text, ignore);
      entries.set(id, entry);
      checkEntry(id, entry, options.contractVersion, report);
      if (base?.entries.has(id) === true && published !== undefined) checkHistory(published, entry, report);
      await checkFiles({ id, entry, published: base?.entries.has(id) === true ? published : undefined, head, options, report, notices });
    }
    done += 1;
    options.onProgress?.(done, head.entries.size);
  }
  checkIds(head, base, faults);
  const revocations = checkRevocations(head, base, entries, faults);
  const roots = checkRoots(head.roots, base?.roots ?? new Map<number, string>(), faults);
  return { faults, notices, entries, revocations, roots };
}

interface FileCheck {
  readonly id: string;
  readonly entry: RegistryEntry;
  readonly published: RegistryEntry | undefined;
  readonly head: RegistryFolder;
  readonly options: CheckOptions;
  readonly report: Report;
  readonly notices: string[];
}

async function checkFiles(check: FileCheck): Promise<void> {
  const { id, entry, published, head, options, report, notices } = check;
  const named = new Set(entry.versions.map(({ tarball }) => tarball));
  for (const name of head.files.get(id) ?? []) if (!named.has(name)) report('', `no version names the file ${name}`, 'remove it');
  for (const [index, version] of entry.versions.entries()) {
    const isNew = published?.versions.some((other) => isSame(other, version)) !== true;
    const bytes = await packageBytes(check, version, isNew);
    const at = `/versions/${index}`;
    if (isNew) await checkProvenance(version, at, check);
    if (bytes === undefined) {
      if (version.tarball !== undefined)
        report(`${at}/tarball`, 'is missing, no plain file or too large', 'add the file, of at most 20 MB');
      else if (isNew && options.depth !== 'hashes') notices.push(`${id} ${version.version} lies on npm and was not looked into.`);
    } else if (bytes.length !== version.sizeBytes || integrityOf(bytes) !== version.integrity)
      report(`${at}/integrity`, 'the file has other bytes', 'publish a higher version rather than another file under the same one');
    else if (isNew && options.depth !== 'hashes') await checkPackage(id, entry, version, bytes, report);
  }
}

async function checkProvenance({ npm, provenance }: RegistryVersion, at: string, { options, report }: FileCheck): Promise<void> {
  if (provenance === undefined) return;
  if (npm === undefined) {
    report(`${at}/provenance`, 'what npm attests is said of a package that does not lie there', 'remove `provenance`');
    return;
  }
  const found = await options.verifyProvenance?.(npm);
  if (found !== undefined && found !== 'verified')
    report(
      `${at}/provenance`,
      found === 'none' ? 'npm has no attestation of it' : "npm's attestation of it does not hold",
      'publish to npm with `--provenance`, or remove it',
    );
}

async function packageBytes(
  { id, head, options }: FileCheck,
  { tarball, npm }: RegistryVersion,
  isNew: boolean,
): Promise<Uint8Array | undefined> {
  if (tarball !== undefined) return head.readTarball(id, tarball);
  return npm !== undefined && isNew && options.depth !== 'hashes' ? options.fetchNpm?.(npm) : undefined;
}

function checkIds(head: RegistryFolder, base: RegistryFolder | undefined, faults: RegistryFault[]): void {
  const known = [...(base?.entries.keys() ?? [])];
  for (const id of known)
    if (!head.entries.has(id))
      reportTo(faults, `plugins/${id}/entry.json`)('', 'a published plugin was removed', 'put it back; what is harmful is revoked');
  const added = [...head.entries.keys()].filter((id) => base?.entries.has(id) !== true);
  for (const [id, other] of lookAlikes(known, added))
    reportTo(faults, `plugins/${id}/entry.json`)(
      '',
      `the id looks like \`${other}\`, which somebody else may own`,
      'choose an id that is told apart',
    );
}

function checkRevocations(
  head: RegistryFolder,
  base: RegistryFolder | undefined,
  entries: ReadonlyMap<string, RegistryEntry>,
  faults: RegistryFault[],
): readonly RegistryRevocation[] {
  const report = reportTo(faults, 'revocations.json');
  const revocations = parseRevocations(head.revocations, report);
  for (const [index, { id, versions }] of revocations.entries()) {
    if (!entries.has(id)) report(`/${index}/id`, `there is no plugin \`${id}\``);
    if (validRange(versions) === null) report(`/${index}/versions`, `\`${versions}\` is no semver range`, 'write it as in `<1.2.3`');
  }
  for (const published of parseRevocations(base?.revocations, ignore))
    if (!revocations.some((revocation) => isSame(revocation, published)))
      report(
        '',
        `the revocation of ${published.id} ${published.versions} was changed or removed`,
        'put it back and publish a higher version',
      );
  return revocations;
}

function ignore(): void {
  // Faults of what is published were told when it was.
}
