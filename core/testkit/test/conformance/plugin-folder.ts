import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Members of a manifest, a recording, a package: whatever a test needs. */
export type Json = Readonly<Record<string, unknown>>;

/** What a test's plugin differs in from the sound one. */
export interface PluginParts {
  readonly manifest?: Json;
  readonly contributes?: Json;
  readonly permissions?: Json;
  /** Members of its one action, `create`. */
  readonly action?: Json;
  /** More actions. */
  readonly actions?: Json;
  /** Code of the handler of `create`, which has `input`, `call` and `TendrilError`. */
  readonly create?: string;
  /** More of `setup`. */
  readonly setup?: string;
  readonly packageJson?: Json;
  /** Members of its one recording; none of them with `null`. */
  readonly recording?: Json | null;
  /** By path. */
  readonly files?: Readonly<Record<string, string | Json>>;
  /** Paths that are left out. */
  readonly without?: readonly string[];
}

/** A sound handler: asks once, says what went wrong in the words of the catalogue. */
export const SOUND = `
  const response = await call.fetch('https://api.acme.example/contacts', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': call.idempotencyKey },
    body: JSON.stringify({ email: input.email }),
    signal: call.signal,
  });
  await throwIfNotOk(response);
  const { id } = await jsonOf(response);
  return { id };
`;

const ANSWERS = `
async function throwIfNotOk({ status }) {
  if (status === 429) throw new TendrilError('UPSTREAM_THROTTLED', { status });
  if (status === 401) throw new TendrilError('UPSTREAM_UNAUTHORIZED', { status });
  if (status >= 500) throw new TendrilError('UPSTREAM_UNAVAILABLE', { status });
  if (status >= 400) throw new TendrilError('UPSTREAM_REJECTED', { status });
}
async function jsonOf(response) {
  try {
    return await response.json();
  } catch (error) {
    if (TendrilError.is(error)) throw error;
    throw new TendrilError('UPSTREAM_UNAVAILABLE', { reason: 'the answer is not JSON' });
  }
}
`;

export const RECORDING = {
  action: 'create',
  input: { email: 'ada@example.invalid' },
  connection: { kind: 'account', values: { apiKey: 'placeholder' } },
  exchanges: [
    {
      request: { method: 'POST', url: 'https://api.acme.example/contacts', body: { email: 'ada@example.invalid' } },
      response: { status: 201, body: { id: 'c-1' } },
    },
  ],
  output: { id: 'c-1' },
} as const;

// As the command line does: a plugin's folder needs no packages of its own.
registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier, specifier === '@tendril/plugin-api' ? { ...context, parentURL: import.meta.url } : context),
});

const OBJECT = { type: 'object', additionalProperties: false } as const;
const folders: string[] = [];

/** Writes a plugin into a new folder: a sound one, but for the given parts. @returns the folder */
export function pluginFolder(parts: PluginParts = {}): string {
  const {
    manifest,
    contributes,
    permissions,
    action,
    actions,
    create = SOUND,
    setup = '',
    packageJson,
    recording = {},
    files = {},
    without = [],
  } = parts;
  const root = mkdtempSync(join(tmpdir(), 'tendril-conformance-'));
  folders.push(root);
  const folder = join(root, 'acme');
  const all: Readonly<Record<string, string | Json>> = {
    'package.json': {
      name: '@tendril/plugin-acme',
      version: '0.1.0',
      description: 'Contacts of Acme.',
      license: 'Apache-2.0',
      type: 'module',
      exports: { '.': './index.js', './package.json': './package.json', './plugin.json': './plugin.json' },
      ...packageJson,
    },
    'plugin.json': {
      id: 'acme',
      title: 'Acme',
      engines: { tendril: '^0.1.0' },
      connections: {
        account: {
          type: 'apiKey',
          title: 'Account',
          schema: { ...OBJECT, required: ['apiKey'], properties: { apiKey: { type: 'string', writeOnly: true } } },
          inject: { headers: { authorization: 'Bearer {apiKey}' } },
        },
      },
      permissions: { hosts: ['api.acme.example'], connections: ['account'], ...permissions },
      contributes: {
        actions: {
          create: {
            title: 'Create a contact',
            description: 'Creates a contact.',
            effect: 'write',
            idempotency: 'key',
            connection: 'account',
            input: { ...OBJECT, required: ['email'], properties: { email: { type: 'string' } } },
            output: { ...OBJECT, required: ['id'], properties: { id: { type: 'string' } } },
            examples: [{ input: { email: 'ada@example.invalid' }, output: { id: 'c-1' } }],
            ...action,
          },
          ...actions,
        },
        ...contributes,
      },
      ...manifest,
    },
    'README.md': '# Acme\n',
    'CHANGELOG.md': '# Changelog\n',
    LICENSE: 'Apache-2.0\n',
    'index.js': `import { definePlugin, TendrilError } from '@tendril/plugin-api';
${ANSWERS}
export default definePlugin({
  setup(host) {
    host.action('create', async (input, call) => {${create}});
    ${setup}
  },
});
`,
    ...(recording === null ? {} : { 'test/recordings/create/happy.json': { ...RECORDING, ...recording } }),
    ...files,
  };
  for (const [path, content] of Object.entries(all)) {
    if (without.includes(path)) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  }
  return folder;
}

/** Deletes what was written. */
export function removePluginFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}
