import { existsSync, realpathSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { relative, resolve, sep } from 'node:path';
import type { BuildFailure, Metafile, Plugin } from 'esbuild';
import type { AuthorFault } from './faults.ts';

/** A plugin's code as one ES module. */
export interface Bundle {
  readonly code: Uint8Array;
  /** Modules of Node that the code imports, sorted. */
  readonly builtins: readonly string[];
  /** Folders of npm packages whose code is inside, relative to the plugin's folder, sorted. */
  readonly packageFolders: readonly string[];
  readonly sizeBytes: number;
}

/** What comes of bundling: a bundle, or why there is none. */
export interface BundleResult {
  readonly bundle?: Bundle;
  readonly faults: readonly AuthorFault[];
}

/** The one package that stays outside: the host provides it. */
const CONTRACT = '@tendril/plugin-api';
// Packages that find a compiled addon when they run.
const ADDON_LOADERS: ReadonlySet<string> = new Set(['bindings', 'node-gyp-build', 'node-pre-gyp', '@mapbox/node-pre-gyp', 'ffi-napi']);
const REQUIRE = "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);\n";

/**
 * Bundles a plugin's code with all that it imports. Nothing of it is run. The same files give the same bytes.
 *
 * @param folder absolute
 * @param entry path in the folder
 */
export async function bundlePlugin(folder: string, entry: string): Promise<BundleResult> {
  const first = await build(folder, entry, '');
  if (first.code === undefined) return { faults: first.faults };
  // CommonJS inside asks for modules of Node by `require`, which an ES module has not.
  const needsRequire = first.code.includes('Dynamic require of');
  const { code, metafile, faults } = needsRequire ? await build(folder, entry, REQUIRE) : first;
  if (code === undefined || metafile === undefined) return { faults };
  const [output] = Object.values(metafile.outputs);
  const exported = output?.exports ?? [];
  const missing: readonly AuthorFault[] = exported.includes('default')
    ? []
    : [
        {
          severity: 'fault',
          file: entry,
          message: `has no default export${exported.length > 0 ? ` (it exports ${exported.join(', ')})` : ''}`,
          remedy: 'Write `export default definePlugin({ setup(host) { … } });`.',
        },
      ];
  if (missing.length > 0) return { faults: [...faults, ...missing] };
  const bytes = new TextEncoder().encode(code);
  return {
    bundle: {
      code: bytes,
      sizeBytes: bytes.length,
      builtins: [...new Set((output?.imports ?? []).map(({ path }) => path).filter((path) => isBuiltin(path)))].sort(),
      packageFolders: packageFoldersOf(metafile),
    },
    faults,
  };
}

interface Built {
  readonly code?: string;
  readonly metafile?: Metafile;
  readonly faults: readonly AuthorFault[];
}

async function build(folder: string, entry: string, banner: string): Promise<Built> {
  const { build: run } = await import('esbuild');
  try {
    const { outputFiles, metafile, warnings } = await run({
      absWorkingDir: folder,
      entryPoints: [entry],
      bundle: true,
      write: false,
      metafile: true,
      outfile: 'dist/index.js',
      platform: 'node',
      format: 'esm',
      target: 'node24',
      external: [CONTRACT],
      legalComments: 'eof',
      charset: 'utf8',
      treeShaking: true,
      logLevel: 'silent',
      // What is built does not depend on settings around the folder.
      tsconfigRaw: { compilerOptions: { target: 'es2024', verbatimModuleSyntax: true } },
      plugins: [refusals],
      ...(banner === '' ? {} : { banner: { js: banner } }),
    });
    const foreign = foreignFiles(folder, entry, metafile);
    if (foreign.length > 0) return { faults: foreign };
    const [file] = outputFiles;
    return {
      ...(file === undefined ? {} : { code: file.text }),
      metafile,
      faults: warnings.map((message) => toFault(folder, entry, 'warning', message)),
    };
  } catch (error) {
    const { errors } = error as Partial<BuildFailure>;
    if (errors === undefined) throw error;
    return { faults: errors.map((message) => toFault(folder, entry, 'fault', message)) };
  }
}

const CODE = /\.[cm]?[jt]sx?$/;

/**
 * Files that are no code and lie elsewhere: whoever packs a folder of somebody else's must not put files of their own into it.
 * Code may come from beside the folder, as from packages of a workspace.
 */
function foreignFiles(folder: string, entry: string, { inputs }: Metafile): readonly AuthorFault[] {
  const inside = `${realpathSync(folder)}${sep}`;
  const isForeign = (path: string): boolean => {
    const file = resolve(folder, path);
    return existsSync(file) && !realpathSync(file).startsWith(inside) && !path.includes('/node_modules/');
  };
  return Object.entries(inputs)
    .filter(([path, input]) => isForeign(path) && (!CODE.test(path) || input.with !== undefined))
    .map(([path]) => ({
      severity: 'fault',
      file: entry,
      message: `imports ${path}, which is no code and lies outside of the plugin's folder`,
      remedy: 'Put a copy of it into the folder if it belongs to the plugin.',
    }));
}

/** Says why before esbuild fails with less. */
const refusals: Plugin = {
  name: 'refusals',
  setup(context) {
    context.onResolve({ filter: /\.node$/ }, ({ path }) => ({
      errors: [{ text: `${path} is a native addon; a plugin is packed as one module, which cannot hold it` }],
    }));
    context.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (kind === 'entry-point') return undefined;
      const name = packageOf(path);
      if (ADDON_LOADERS.has(name))
        return { errors: [{ text: `${name} loads native addons; a plugin is packed as one module, which cannot hold them` }] };
      if (name.startsWith('@tendril/') && name !== CONTRACT)
        return { errors: [{ text: `a plugin imports ${CONTRACT} and nothing else of Tendril; ${name} is for tests only` }] };
      return undefined;
    });
  },
};

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

type Message = BuildFailure['errors'][number];

function toFault(folder: string, entry: string, severity: AuthorFault['severity'], { text, location, notes }: Message): AuthorFault {
  const remedy = remedyOf(text) ?? notes.map((note) => note.text).find((note) => note !== '' && !note.includes('esbuild'));
  const suggestion = location?.suggestion ?? '';
  return {
    severity,
    file: location === null ? entry : pathIn(folder, location.file),
    ...(location === null ? {} : { line: location.line, column: location.column + 1 }),
    message: text,
    ...(suggestion === '' ? {} : { suggestion }),
    ...(remedy === undefined ? {} : { remedy }),
  };
}

function remedyOf(text: string): string | undefined {
  const [, missing] = /^Could not resolve "([^"]+)"/.exec(text) ?? [];
  if (missing !== undefined)
    return missing.startsWith('.')
      ? 'Is the file there, and is its ending written out?'
      : `Run \`npm install --save-dev ${packageOf(missing)}\` in the folder: it is packed with the plugin.`;
  if (text.includes('loader is configured')) return 'A plugin is packed as one module: put what the file holds into a module.';
  return undefined;
}

function pathIn(folder: string, file: string): string {
  return (file.startsWith(folder) ? relative(folder, file) : file).split(sep).join('/');
}

function packageFoldersOf({ inputs }: Metafile): readonly string[] {
  const folders = Object.keys(inputs).flatMap((path) => {
    const parts = path.split('/');
    const at = parts.lastIndexOf('node_modules');
    const scoped = parts[at + 1]?.startsWith('@') === true ? 3 : 2;
    return at < 0 ? [] : [parts.slice(0, at + scoped).join('/')];
  });
  return [...new Set(folders)].sort();
}
