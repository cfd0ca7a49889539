import type { JsonObject } from '@tendril/plugin-api';
import type { Problem } from '../hub.ts';
import { toPointer } from './pointer.ts';

/** A schema with the files of the package that it refers to inside, and what was wrong with the references. */
export interface ResolvedSchema {
  readonly schema: JsonObject | boolean;
  readonly problems: readonly Problem[];
}

const MOST_FILES = 50;
const DEEPEST = 64;
/** Of one file. */
const MOST_CHARACTERS = 1_048_576;
const ORIGIN = 'tendril-plugin:';

/**
 * Takes the files that `$ref`s name into the schema. Only files of the package: no `..`, no absolute path, no URL.
 *
 * @param pointer where the schema stands in the manifest
 */
export async function resolveReferences(
  schema: JsonObject | boolean,
  pointer: string,
  read: (path: string) => Promise<string>,
): Promise<ResolvedSchema> {
  const problems: Problem[] = [];
  const files = new Map<string, JsonObject>();

  async function take(node: unknown, at: string, base: string, depth: number): Promise<void> {
    if (typeof node !== 'object' || node === null) return;
    if (depth > DEEPEST) {
      problems.push({ pointer: at, message: `is nested more than ${DEEPEST} deep` });
      return;
    }
    for (const [name, value] of Object.entries(node)) {
      if (name === '$ref' && typeof value === 'string' && !Array.isArray(node)) await takeFile(value, `${at}/$ref`, base, depth);
      else await take(value, `${at}${toPointer(name)}`, base, depth + 1);
    }
  }

  async function takeFile(reference: string, at: string, base: string, depth: number): Promise<void> {
    if (reference.startsWith('#')) return;
    const path = packagePath(reference, base);
    if (path === undefined) {
      problems.push({ pointer: at, message: 'must name a file of the package', suggestion: './schema/name.schema.json' });
      return;
    }
    if (files.has(path)) return;
    if (files.size >= MOST_FILES) {
      problems.push({ pointer: at, message: `refers to more than ${MOST_FILES} files` });
      return;
    }
    const content = await readSchema(path, at);
    if (content === undefined) return;
    files.set(path, content);
    await take(content, at, path, depth + 1);
  }

  async function readSchema(path: string, at: string): Promise<JsonObject | undefined> {
    let text: string;
    try {
      text = await read(path);
    } catch {
      problems.push({ pointer: at, message: `names ${path}, which cannot be read` });
      return undefined;
    }
    if (text.length > MOST_CHARACTERS) {
      problems.push({ pointer: at, message: `names ${path}, which is longer than ${MOST_CHARACTERS} characters` });
      return undefined;
    }
    try {
      const content: unknown = JSON.parse(text);
      if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content as JsonObject;
      problems.push({ pointer: at, message: `names ${path}, which holds no JSON object` });
    } catch {
      problems.push({ pointer: at, message: `names ${path}, which is not JSON` });
    }
    return undefined;
  }

  await take(schema, pointer, '', 0);
  return { schema: problems.length > 0 ? schema : bundled(schema, files), problems };
}

/** The path inside the package; `undefined` for everything else. */
function packagePath(reference: string, base: string): string | undefined {
  const [file = ''] = reference.split('#');
  if (file === '' || /^[a-z][a-z0-9+.-]*:/i.test(file) || file.startsWith('/') || file.includes('\\') || file.includes('%'))
    return undefined;
  const folder = base.includes('/') ? base.slice(0, base.lastIndexOf('/')).split('/') : [];
  const parts = [...folder, ...file.split('/').filter((part) => part !== '.' && part !== '')];
  return parts.includes('..') ? undefined : parts.join('/');
}

/** One file for the whole schema is the usual case: it takes the reference's place. Several go along under their names. */
function bundled(schema: JsonObject | boolean, files: ReadonlyMap<string, JsonObject>): JsonObject | boolean {
  if (typeof schema === 'boolean' || files.size === 0) return schema;
  const [only] = files.values();
  const reference = schema['$ref'];
  if (
    files.size === 1 &&
    only !== undefined &&
    typeof reference === 'string' &&
    !reference.includes('#') &&
    Object.keys(schema).length === 1 &&
    !refersToFiles(only)
  ) {
    const { $schema: _dialect, $id: _id, ...content } = only;
    return content;
  }
  const definitions = Object.fromEntries(
    [...files].map(([path, { $schema: _dialect, ...content }]) => [path, { ...content, $id: `${ORIGIN}/${path}` }]),
  );
  const own = typeof schema['$defs'] === 'object' && !Array.isArray(schema['$defs']) ? (schema['$defs'] as JsonObject) : {};
  return { ...schema, $id: `${ORIGIN}/plugin.json`, $defs: { ...own, ...definitions } };
}

function refersToFiles(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false;
  return Object.entries(node).some(([name, value]: [string, unknown]) =>
    name === '$ref' && typeof value === 'string' ? !value.startsWith('#') : refersToFiles(value),
  );
}
