// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- a declaration of a module without types is found by nothing else
/// <reference path="./pacote.d.ts" />
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { TendrilError } from '@tendril/plugin-api';
import { examinePackage, integrityOf, PACKAGE_LIMITS, readTarball } from '@tendril/registry';
import pacote from 'pacote';
import type { PacoteManifest, PacoteOptions } from 'pacote';
import { CommandFault, EXIT } from '../failure.ts';
import type { FoundPackage, Provenance } from './found-package.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const TIMEOUT_MS = 60_000;

/** What is fetched from npm. */
export interface NpmPackage {
  readonly package: string;
  readonly range?: string;
}

/**
 * Fetches a package of npm: its bytes are those that the registry names, signatures and attestations are verified where there are some.
 *
 * @throws TendrilError PACKAGE_INVALID, PACKAGE_INTEGRITY, NOT_FOUND, REGISTRY_UNREACHABLE
 */
export async function fetchFromNpm(
  { package: name, range = 'latest' }: NpmPackage,
  environment: Environment = process.env,
): Promise<FoundPackage> {
  const options = await optionsOf(environment);
  const found = await explained(name, () => pacote.manifest(`${name}@${range}`, options));
  const spec = `${name}@${found.version}`;
  const { provenance, notes } = await provenanceOf(spec, found, options);
  const bytes = await fetchBytes(spec, found, options, PACKAGE_LIMITS.compressedBytes);
  const { files, integrity } = await readTarball(bytes);
  return { content: await examinePackage(files), source: { kind: 'npm', package: name }, integrity, provenance, notes };
}

/**
 * The bytes of one version, for a registry whose plugins lie on npm.
 *
 * @throws TendrilError PACKAGE_INTEGRITY, PACKAGE_INVALID, NOT_FOUND, REGISTRY_UNREACHABLE
 */
export async function fetchNpmVersion(
  name: string,
  version: string,
  mostBytes: number,
  environment: Environment = process.env,
): Promise<Uint8Array> {
  const options = await optionsOf(environment);
  const spec = `${name}@${version}`;
  const found = await explained(name, () => pacote.manifest(spec, options));
  return fetchBytes(spec, found, options, mostBytes);
}

/**
 * What npm's signatures and attestations say of where one version was built.
 *
 * @throws TendrilError NOT_FOUND, REGISTRY_UNREACHABLE
 */
export async function verifyNpmProvenance(
  name: string,
  version: string,
  environment: Environment = process.env,
): Promise<{ readonly provenance: Provenance; readonly notes: readonly string[] }> {
  const options = await optionsOf(environment);
  const spec = `${name}@${version}`;
  return provenanceOf(spec, await explained(name, () => pacote.manifest(spec, options)), options);
}

async function optionsOf(environment: Environment): Promise<PacoteOptions> {
  const given = environment['TENDRIL_NPM_REGISTRY'] ?? environment['npm_config_registry'] ?? (await registryOfNpm());
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol))
    throw new CommandFault(`TENDRIL_NPM_REGISTRY is no address of a registry: ${given}`, EXIT.commandLine);
  const cache = environment['npm_config_cache'];
  return {
    registry: given.endsWith('/') ? given : `${given}/`,
    ignoreScripts: true,
    timeout: TIMEOUT_MS,
    ...(cache === undefined ? {} : { cache, tufCache: cache }),
  };
}

/** Where this machine's npm fetches from, with the settings of its user. */
async function registryOfNpm(): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('npm', ['config', 'get', 'registry'], { timeout: TIMEOUT_MS });
    return stdout.trim();
  } catch {
    throw new CommandFault(
      'npm, which knows where packages are fetched from, does not answer. Set TENDRIL_NPM_REGISTRY.',
      EXIT.refused,
      'NPM_MISSING',
    );
  }
}

async function fetchBytes(
  spec: string,
  { name, _integrity: integrity }: PacoteManifest,
  options: PacoteOptions,
  mostBytes: number,
): Promise<Buffer> {
  if (integrity === undefined)
    throw new TendrilError('PACKAGE_INTEGRITY', {
      package: spec,
      reason: 'the registry names no hash of it, so nothing says that it is the one that was published',
    });
  const bytes = await explained(name, () =>
    pacote.tarball.stream(spec, async (stream) => collect(stream, mostBytes), { ...options, integrity }),
  );
  // pacote verifies the hash that the registry names, which may be an old SHA-1: then what is pinned from here on is SHA-512.
  if (integrity.startsWith('sha512-') && integrity !== integrityOf(bytes)) throw new TendrilError('PACKAGE_INTEGRITY', { package: spec });
  return bytes;
}

async function collect(stream: NodeJS.ReadableStream, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = chunk as Buffer;
    length += bytes.length;
    if (length > mostBytes) throw new TendrilError('PACKAGE_INVALID', { reason: `it is larger than ${String(mostBytes)} bytes` });
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, length);
}

async function provenanceOf(
  spec: string,
  { _attestations: attestations, _signatures: signatures = [] }: PacoteManifest,
  options: PacoteOptions,
): Promise<{ readonly provenance: Provenance; readonly notes: readonly string[] }> {
  if (attestations === undefined && signatures.length === 0) return { provenance: 'none', notes: [] };
  try {
    const keys = await fetchKeys(options.registry);
    const { host, pathname } = new URL(options.registry);
    await pacote.manifest(spec, { ...options, verifySignatures: true, verifyAttestations: true, [`//${host}${pathname}:_keys`]: keys });
    // The registry's own signature says what it serves, not who built it.
    return attestations === undefined
      ? { provenance: 'none', notes: ['It carries the signature of npm, and no attestation of where it was built.'] }
      : { provenance: 'verified', notes: [] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown error';
    return { provenance: 'failed', notes: [`Its signatures or attestations could not be verified: ${reason}`] };
  }
}

/** @see https://docs.npmjs.com/about-registry-signatures */
async function fetchKeys(registry: string): Promise<readonly object[]> {
  const response = await fetch(new URL('-/npm/v1/keys', registry), { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`the registry gives no keys (status ${String(response.status)})`);
  const { keys } = (await response.json()) as { readonly keys: readonly { readonly key: string }[] };
  return keys.map((key) => ({ ...key, pemkey: `-----BEGIN PUBLIC KEY-----\n${key.key}\n-----END PUBLIC KEY-----` }));
}

async function explained<Answer>(name: string, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (TendrilError.is(error)) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'E404' || code === 'ETARGET' || code === 'ENOVERSIONS')
      throw new TendrilError('NOT_FOUND', { package: name, reason: message }, { cause: error });
    if (code === 'EINTEGRITY')
      throw new TendrilError(
        'PACKAGE_INTEGRITY',
        { package: name, reason: 'its bytes are not those that the registry names' },
        { cause: error },
      );
    if (code === 'EINVALIDPACKAGENAME' || code === 'EUNSUPPORTEDPROTOCOL' || code === 'EINVALIDTAGNAME')
      throw new CommandFault(`npm: ${message}`, EXIT.commandLine);
    throw new TendrilError('REGISTRY_UNREACHABLE', { package: name, reason: message }, { cause: error });
  }
}
