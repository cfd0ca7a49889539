import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { nearestName } from '@tendril/engine';
import { asObject, readJsonFile } from './author-folder.ts';
import type { AuthorFolder, JsonFile } from './author-folder.ts';
import type { AuthorFault } from './faults.ts';
import { nearestInManifest } from './nearest-in-manifest.ts';

/** A problem as the engine's checks tell it: a pointer into the manifest with its files inside. */
export interface ManifestProblem {
  readonly pointer: string;
  readonly message: string;
  readonly suggestion?: string;
}

const KEYWORDS = [
  ...['$schema', '$id', '$ref', '$defs', '$comment', '$anchor', 'type', 'enum', 'const', 'title', 'description', 'default', 'examples'],
  ...['properties', 'patternProperties', 'additionalProperties', 'propertyNames', 'required', 'minProperties', 'maxProperties', 'format'],
  ...['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems', 'contains', 'minContains', 'maxContains', 'pattern', 'minLength'],
  ...['maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'allOf', 'anyOf', 'oneOf', 'not', 'if'],
  ...['then', 'else', 'readOnly', 'writeOnly', 'deprecated', 'dependentRequired', 'dependentSchemas', 'unevaluatedProperties'],
  ...['x-secret', 'x-unit', 'x-widget', 'x-order', 'x-placeholder', 'x-counterexamples'],
];

/** A problem with the file, line and column that it is in: a schema's file where the manifest only refers to it. */
export function placeProblem(folder: AuthorFolder, problem: ManifestProblem): AuthorFault {
  const { message } = problem;
  if (/package name/.test(message)) return inPackageJson(folder, '/name', problem);
  if (message.startsWith('package.json ')) return inPackageJson(folder, '/version', { ...problem, message: message.slice(13) });
  const found = follow(folder, problem.pointer);
  const [, keyword] = /unknown keyword: "([^"]+)"/.exec(message) ?? [];
  if (keyword !== undefined) return unknownKeyword(enter(folder, found), problem.pointer, keyword);
  const suggestion = problem.suggestion ?? nearestInManifest(problem.pointer, found.node);
  return { severity: 'fault', ...placeIn(found.file, found.pointer), ...problem, ...(suggestion === undefined ? {} : { suggestion }) };
}

/** Paths of the schemas that a manifest refers to, and that those refer to; each once. */
export function schemaFilesOf(path: string, manifest: unknown): readonly string[] {
  const files = new Set<string>();
  const visit = (node: unknown, base: string): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [name, value] of Object.entries(node) as [string, unknown][]) {
      if (name !== '$ref' || typeof value !== 'string') {
        visit(value, base);
        continue;
      }
      const file = fileOf(value, base);
      if (file === undefined || files.has(file) || !existsSync(join(path, file))) continue;
      files.add(file);
      visit(readJsonFile(path, file).json?.value, file);
    }
  };
  visit(manifest, '');
  return [...files];
}

/** Files beside schemas that a manifest names. */
export function namedFiles(manifest: unknown): readonly string[] {
  const { icon, contributes } = asObject(manifest);
  const pipelines = Object.values(asObject(asObject(contributes)['pipelines'])).map((pipeline) => asObject(pipeline)['file']);
  return [icon, ...pipelines].filter((file) => typeof file === 'string').map((file) => posix.normalize(file));
}

interface Found {
  readonly file: JsonFile;
  /** In that file. */
  readonly pointer: string;
  /** What is there; `undefined` when nothing is. */
  readonly node: unknown;
}

/** Walks a pointer through the manifest and on into the files that it refers to. */
function follow(folder: AuthorFolder, pointer: string): Found {
  const { manifest } = folder;
  let found: Found = { file: manifest, pointer: '', node: manifest.json?.value };
  for (const part of pointer.split('/').slice(1)) {
    const { file, pointer: inside, node } = part === '$ref' ? found : enter(folder, found);
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const next = Array.isArray(node) ? (node as readonly unknown[])[Number(key)] : asObject(node)[key];
    found = { file, pointer: `${inside}/${part}`, node: next };
  }
  return found;
}

/** The file that is referred to, where something is nothing but a reference to one. */
function enter({ path, manifest }: AuthorFolder, found: Found): Found {
  const reference = asObject(found.node)['$ref'];
  const name = typeof reference === 'string' ? fileOf(reference, found.file === manifest ? '' : found.file.file) : undefined;
  const file = name === undefined ? undefined : readJsonFile(path, name);
  return file?.json === undefined ? found : { file, pointer: '', node: file.json.value };
}

function unknownKeyword({ file, pointer, node }: Found, at: string, keyword: string): AuthorFault {
  const suggestion = nearestName(keyword, KEYWORDS);
  const inner = findMember(node, keyword) ?? '';
  return {
    severity: 'fault',
    ...placeIn(file, `${pointer}${inner}`),
    pointer: `${at}${inner}`,
    message: `\`${keyword}\` is no keyword of JSON Schema (2020-12)`,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

/** Pointer to the first member of this name that is not the name of a property. */
function findMember(node: unknown, name: string): string | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  for (const [key, value] of Object.entries(node) as [string, unknown][]) {
    if (key === name && !Array.isArray(node)) return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const isOfNames = ['properties', 'patternProperties', '$defs'].includes(key);
    const inner = isOfNames
      ? Object.entries(asObject(value)).map(([property, schema]) => [`/${key}/${property}`, findMember(schema, name)] as const)
      : [
          [
            `/${key}`,
            ['examples', 'x-counterexamples', 'default', 'enum', 'const'].includes(key) ? undefined : findMember(value, name),
          ] as const,
        ];
    const hit = inner.find(([, found]) => found !== undefined);
    if (hit !== undefined) return `${hit[0]}${hit[1] ?? ''}`;
  }
  return undefined;
}

function inPackageJson({ packageJson }: AuthorFolder, pointer: string, { message, suggestion }: ManifestProblem): AuthorFault {
  return {
    severity: 'fault',
    ...placeIn(packageJson, pointer),
    pointer,
    message,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

function placeIn(file: JsonFile, pointer: string): Pick<AuthorFault, 'file' | 'line' | 'column'> {
  return { file: file.file, ...file.json?.placeOf(pointer) };
}

/** The file that a reference names, by its path in the package; `undefined` for one inside the same file. */
function fileOf(reference: string, base: string): string | undefined {
  const [file = ''] = reference.split('#');
  if (file === '' || /^[a-z][a-z0-9+.-]*:/i.test(file) || file.startsWith('/')) return undefined;
  const path = posix.normalize(posix.join(posix.dirname(base), file));
  return path.startsWith('..') ? undefined : path;
}
