import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { askForPlugin } from './ask-for-plugin.ts';
import { CannotCreate } from './cannot-create.ts';
import { createPlugin } from './create-plugin.ts';
import type { CreatedPlugin, NewPlugin } from './create-plugin.ts';
import { isLicense, isPluginKind, LICENSES, PLUGIN_KINDS } from './plugin-kinds.ts';

const TEXT = { type: 'string' } as const;
const OPTIONS = {
  kind: TEXT,
  id: TEXT,
  title: TEXT,
  dir: TEXT,
  license: TEXT,
  author: TEXT,
  scope: TEXT,
  openapi: TEXT,
  operations: TEXT,
  yes: { type: 'boolean', short: 'y' },
  help: { type: 'boolean', short: 'h' },
} as const;

const KINDS = Object.entries(PLUGIN_KINDS).map(([kind, words]) => `    ${kind.padEnd(12)} ${words}`);
const HELP = `Starts a Tendril plugin.

  npm create tendril-plugin [ID] -- [OPTIONS]

  --kind KIND        the template
${KINDS.join('\n')}
  --id ID            its id: lower case letters, digits and underscores
  --title TITLE      what people read; made from the id without it
  --dir FOLDER       where to make it; ./ID without it
  --license NAME     ${LICENSES.join(' or ')}
  --author NAME      who holds the rights
  --scope @SCOPE     npm scope of the package
  --openapi FILE     make a declarative connector of a vendor's description (JSON or YAML)
  --operations LIST  which of its operations, separated by commas; * for anything
  -y, --yes          ask nothing
`;

/**
 * What `npm create tendril-plugin` runs.
 *
 * @returns the exit code: 0, 2 for a wrong command line, 3 when it cannot be created
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    const mayAsk = values.yes !== true && process.stdin.isTTY && process.stdout.isTTY;
    const { dir, files, packageName } = await create(values, positionals, mayAsk);
    process.stdout.write(
      `${packageName} is in ${dir}: ${files.length} files.\n\nNext:\n  cd ${basename(dir)}\n  npm install\n  npm test\n`,
    );
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof CannotCreate) return 3;
    return (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true ? 2 : 1;
  }
}

async function create(values: Values, positionals: readonly string[], mayAsk: boolean): Promise<CreatedPlugin> {
  const { openapi: file, operations } = values;
  const given = toPlugin(values, positionals);
  if (file === undefined) return createPlugin(await askForPlugin(given, mayAsk));
  if (Number(process.versions.node.split('.')[0]) < 22)
    throw new CannotCreate(`--openapi needs Node 22 or newer; this is ${process.version}.`);
  const [{ createFromOpenApi }, plugin] = await Promise.all([
    import('./create-from-openapi.ts'),
    askForPlugin({ ...given, kind: 'declarative' }, mayAsk),
  ]);
  const chosen = operations?.split(',').map((name) => name.trim());
  return createFromOpenApi({ ...plugin, file, ...(chosen === undefined ? {} : { operations: chosen }) });
}

interface Values {
  readonly openapi?: string | undefined;
  readonly operations?: string | undefined;
  readonly kind?: string | undefined;
  readonly id?: string | undefined;
  readonly title?: string | undefined;
  readonly dir?: string | undefined;
  readonly license?: string | undefined;
  readonly author?: string | undefined;
  readonly scope?: string | undefined;
}

function toPlugin(values: Values, [positional]: readonly string[]): Partial<NewPlugin> {
  const { kind, license, title, dir, author, scope } = values;
  if (kind !== undefined && !isPluginKind(kind))
    throw new CannotCreate(`\`${kind}\` is no template. There are ${Object.keys(PLUGIN_KINDS).join(', ')}.`);
  if (license !== undefined && !isLicense(license)) throw new CannotCreate(`\`${license}\` is none of ${LICENSES.join(', ')}.`);
  const id = values.id ?? positional;
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(id === undefined ? {} : { id }),
    ...(title === undefined ? {} : { title }),
    ...(dir === undefined ? {} : { dir }),
    ...(license === undefined ? {} : { license }),
    ...(author === undefined ? {} : { author }),
    ...(scope === undefined ? {} : { scope }),
  };
}
