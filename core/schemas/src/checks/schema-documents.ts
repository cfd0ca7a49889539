/** A JSON Schema. */
export type Schema = boolean | Readonly<Record<string, unknown>>;

/** A schema with the file that it stands in, from which its references are read. */
export interface PlacedSchema {
  readonly schema: Schema;
  /** Key of `$defs` of the whole document; the whole document itself without it. */
  readonly file: string;
}

const MOST_REFERENCES = 32;

/**
 * Follows `$ref`s of one schema: to places of the same file, and to files of the package that lie under their paths in
 * `$defs`, as the host bundles them.
 *
 * @returns undefined where a reference leads nowhere, or in a circle
 */
export function followReferences(root: Schema, placed: PlacedSchema): PlacedSchema | undefined {
  let current = placed;
  for (let followed = 0; followed < MOST_REFERENCES; followed += 1) {
    const reference = typeof current.schema === 'object' ? current.schema['$ref'] : undefined;
    if (typeof reference !== 'string') return current;
    const next = targetOf(root, reference, current.file);
    if (next === undefined) return undefined;
    current = next;
  }
  return undefined;
}

function targetOf(root: Schema, reference: string, base: string): PlacedSchema | undefined {
  const [path = '', fragment = ''] = reference.split('#');
  const file = path === '' ? base : resolvePath(path, base);
  const document = file === '' ? root : valueAt(root, ['$defs', file]);
  const names = fragment
    .split('/')
    .slice(1)
    .map((name) => decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~'));
  const schema = valueAt(document, names);
  return typeof schema === 'boolean' || (typeof schema === 'object' && schema !== null) ? { schema: schema as Schema, file } : undefined;
}

function resolvePath(path: string, base: string): string {
  const folder = base.includes('/') ? base.slice(0, base.lastIndexOf('/')).split('/') : [];
  return [...folder, ...path.split('/').filter((part) => part !== '.' && part !== '')].join('/');
}

function valueAt(value: unknown, names: readonly string[]): unknown {
  let found = value;
  for (const name of names) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return found;
}
