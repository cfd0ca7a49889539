import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { validRange } from 'semver';
import { CommandFault, EXIT } from '../failure.ts';
import type { PackageAddress } from './found-package.ts';

const ID = /^[a-z](?:[a-z0-9]|_(?!_))*$/;
const NPM_NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;
/** npm takes other words behind the `@` for addresses: of files, of git, of other packages. */
const TAG = /^[a-z][a-z0-9._-]{0,99}$/i;
const HOW =
  'Name a plugin of a registry (`acme_crm`, `acme_crm@^1.2`), a package of npm (`npm:tendril-plugin-acme_crm`), a folder (`./acme_crm`) or a tarball (`./acme_crm-1.2.0.tgz`).';

/**
 * Tells apart what `plugins install` can be given: paths begin with a dot or a slash or end in .tgz, names of npm have a scope, a hyphen
 * or `npm:` before them, everything else is an id in a registry.
 *
 * @throws CommandFault when it is none of these, or the path leads nowhere
 */
export function readAddress(given: string): PackageAddress {
  if (/^(?:\.{1,2}(?:[\\/]|$)|[\\/]|~[\\/]|[A-Za-z]:[\\/])/.test(given) || /\.(?:tgz|tar\.gz)$/.test(given)) return readPath(given);
  const isNpm = given.startsWith('npm:');
  const [name, range] = splitRange(isNpm ? given.slice('npm:'.length) : given);
  if (range !== undefined && validRange(range) === null && !TAG.test(range))
    throw new CommandFault(`\`${range}\` is no version, range of versions or tag, such as 1.2.0, ^1.2 or latest.`, EXIT.commandLine);
  const rest = range === undefined ? {} : { range };
  if (!isNpm && ID.test(name)) return { kind: 'registry', id: name, ...rest };
  if (NPM_NAME.test(name) && name.length <= 214) return { kind: 'npm', package: name, ...rest };
  throw new CommandFault(`\`${given}\` is nothing that can be installed. ${HOW}`, EXIT.commandLine);
}

function splitRange(text: string): readonly [string, string | undefined] {
  const at = text.indexOf('@', 1);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1) || undefined];
}

function readPath(given: string): PackageAddress {
  const path = resolve(given);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new CommandFault(`There is no ${path}.`, EXIT.refused, 'FILE_UNUSABLE');
  return stat.isDirectory() ? { kind: 'folder', path } : { kind: 'tarball', path };
}
