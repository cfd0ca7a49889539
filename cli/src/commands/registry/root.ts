import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Args, Flags } from '@oclif/core';
import type { RoleKeys, SigningKey } from '@tendril/registry';
import type { RegistryRoot } from '@tendril/schemas';
import { BaseCommand } from '../../base-command.ts';
import { CommandFault, EXIT } from '../../failure.ts';
import { openSigningKey } from '../../signing-keys.ts';

const DAY_MS = 86_400_000;

export default class RegistryRootCommand extends BaseCommand {
  static override description =
    'Make the root of a registry, which says whose signatures count; or the next one, to change keys or to renew it before it expires. Clients follow from one root to the next when the keys of both have signed.';
  static override examples = [
    'tendril registry root . --name plugins.example.org --key root.pem --index-key index.pem --new-keys',
    'tendril registry root . --key root.pem',
    'tendril registry root . --key new-root.pem --index-key index.pem --previous-key root.pem --replace',
    'tendril registry root . --sign --key second.pem',
  ];
  static override args = { dir: Args.string({ required: true, description: 'folder of submissions' }) };
  static override flags = {
    name: Flags.string({ description: 'what the registry calls itself, such as its domain; with the first root' }),
    key: Flags.string({ required: true, multiple: true, description: 'file of a root key; may be repeated' }),
    'index-key': Flags.string({ multiple: true, description: 'file of a key that signs indexes; the root keys without it' }),
    'previous-key': Flags.string({ multiple: true, description: 'file of a key of the root before, when keys are replaced' }),
    threshold: Flags.integer({ min: 1, description: 'how many root keys have to sign; all of them without it' }),
    'index-threshold': Flags.integer({ min: 1, default: 1, description: 'how many keys have to sign an index' }),
    days: Flags.integer({ default: 365, min: 1, max: 3660, description: 'after how many days clients refuse the root' }),
    'new-keys': Flags.boolean({ description: 'make the key files that are not there' }),
    replace: Flags.boolean({ description: 'replace the keys of the root before by those given; else they stay, and it is renewed' }),
    sign: Flags.boolean({ description: 'add signatures to the newest root, and nothing else' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(RegistryRootCommand);
    const { addRootSignature, checkRegistry, openRegistryFolder, rootFingerprint, rootProblem } = await import('@tendril/registry');
    const { roots } = await checkRegistry(await openRegistryFolder(args.dir), { contractVersion: '0.0.0', depth: 'hashes' });
    const before = roots.at(-1);
    const open = (files: readonly string[] = []): Promise<readonly SigningKey[]> =>
      Promise.all(files.map((file) => openSigningKey(file, { isNew: flags['new-keys'] && !existsSync(file) })));
    const keys = await open(flags.key);
    const indexKeys = flags['index-key'] === undefined ? keys : await open(flags['index-key']);
    const root = flags.sign
      ? keys.reduce((signed, key) => addRootSignature(signed, key), required(before, 'There is no root to sign yet.'))
      : await makeRoot(before, {
          name: flags.name,
          keys,
          root: roleOf(keys, flags.threshold ?? keys.length),
          index: roleOf(indexKeys, flags['index-threshold']),
          previous: await open(flags['previous-key']),
          replaces: flags.replace,
          days: flags.days,
        });
    const previous = flags.sign ? roots.at(-2) : before;
    const file = join(args.dir, `${root.signed.version}.root.json`);
    writeFileSync(file, `${JSON.stringify(root, undefined, 2)}\n`);
    const missing = rootProblem(root, previous);
    const fingerprint = rootFingerprint(root);
    this.log(`${file}: root ${root.signed.version} of ${root.signed.registry}, until ${root.signed.expiresAt}`);
    this.log(`Fingerprint: ${fingerprint}`);
    if (missing === undefined) this.log('Tell the fingerprint to those who add the registry, by another way than the registry itself.');
    else this.note(`It is not complete: ${missing}. \`tendril registry root ${args.dir} --sign --key FILE\` adds a signature.`);
    return {
      file,
      version: root.signed.version,
      registry: root.signed.registry,
      fingerprint,
      isComplete: missing === undefined,
      ...(missing === undefined ? {} : { missing }),
    };
  }
}

interface Plan {
  readonly name: string | undefined;
  readonly keys: readonly SigningKey[];
  readonly root: RoleKeys;
  readonly index: RoleKeys;
  readonly previous: readonly SigningKey[];
  readonly replaces: boolean;
  readonly days: number;
}

async function makeRoot(before: RegistryRoot | undefined, plan: Plan): Promise<RegistryRoot> {
  const { createRoot, rotateRoot } = await import('@tendril/registry');
  const createdAt = new Date();
  const times = { createdAt, expiresAt: new Date(createdAt.getTime() + plan.days * DAY_MS) };
  if (before === undefined) {
    const registry = required(plan.name, 'The first root needs --name, such as the domain of the registry.');
    return createRoot({ registry, root: plan.root, index: plan.index, ...times }, plan.keys);
  }
  const roles = plan.replaces ? { root: plan.root, index: plan.index } : rolesOf(before);
  return rotateRoot(before, { ...roles, ...times }, [...plan.keys, ...plan.previous]);
}

function rolesOf({ signed: { keys, roles } }: RegistryRoot): { readonly root: RoleKeys; readonly index: RoleKeys } {
  const role = ({ keyIds, threshold }: RegistryRoot['signed']['roles']['root']): RoleKeys => ({
    publicKeys: keyIds.map((keyId) => keys[keyId]?.public ?? ''),
    threshold,
  });
  return { root: role(roles.root), index: role(roles.index) };
}

function roleOf(keys: readonly SigningKey[], threshold: number): RoleKeys {
  return { publicKeys: keys.map((key) => key.public), threshold };
}

function required<Value>(value: Value | undefined, message: string): Value {
  if (value === undefined) throw new CommandFault(message, EXIT.commandLine);
  return value;
}
