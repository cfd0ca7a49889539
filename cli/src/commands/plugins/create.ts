import { basename, resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { LICENSES, PLUGIN_KINDS } from 'create-tendril-plugin';
import type { CreatedFromOpenApi, NewPlugin } from 'create-tendril-plugin';
import { BaseCommand } from '../../base-command.ts';
import { CommandFault, EXIT } from '../../failure.ts';

export default class PluginsCreate extends BaseCommand {
  static override description =
    'Start a plugin from a template: manifest, schemas, code, tests, README, changelog, licence. Asks for what the flags leave open. Needs no hub and nothing installed in the folder.';
  static override examples = [
    'tendril plugins create',
    'tendril plugins create --kind connector --id acme_crm --dir ./acme_crm --yes',
    'tendril plugins create --kind action --id acme_names --license MIT --author "Acme Ltd" --yes',
    'tendril plugins create --openapi vendor.json --operations "contacts*,GET /deals" --id acme_crm --yes',
  ];
  static override flags = {
    kind: Flags.string({ description: 'the template', options: Object.keys(PLUGIN_KINDS) }),
    id: Flags.string({ description: 'its id: lower case letters, digits and underscores' }),
    title: Flags.string({ description: 'what people read; made from the id without it' }),
    dir: Flags.string({ description: 'where to make it, an empty or new folder; ./ID without it' }),
    license: Flags.string({ description: 'its licence', options: [...LICENSES], default: 'Apache-2.0' }),
    author: Flags.string({ description: 'who holds the rights' }),
    scope: Flags.string({ description: 'npm scope of the package, such as @acme' }),
    openapi: Flags.string({
      description: "a vendor's OpenAPI description (JSON or YAML): makes a declarative connector of it",
      exclusive: ['kind'],
    }),
    operations: Flags.string({
      description: 'operations that become actions, by operationId, `GET /path` or tag, * for anything; separated by commas',
      dependsOn: ['openapi'],
    }),
    yes: Flags.boolean({ char: 'y', description: 'ask nothing' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(PluginsCreate);
    const { askForPlugin, CannotCreate, createPlugin, isLicense, isPluginKind } = await import('create-tendril-plugin');
    const given: Partial<NewPlugin> = {
      ...(flags.kind !== undefined && isPluginKind(flags.kind) ? { kind: flags.kind } : {}),
      ...(flags.id === undefined ? {} : { id: flags.id }),
      ...(flags.title === undefined ? {} : { title: flags.title }),
      ...(flags.dir === undefined ? {} : { dir: flags.dir }),
      ...(flags.author === undefined ? {} : { author: flags.author }),
      ...(flags.scope === undefined ? {} : { scope: flags.scope }),
      ...(isLicense(flags.license) ? { license: flags.license } : {}),
    };
    const mayAsk = !flags.yes && !this.jsonEnabled() && process.stdin.isTTY && process.stdout.isTTY;
    try {
      const created =
        flags.openapi === undefined
          ? await createPlugin(await askForPlugin(given, mayAsk))
          : await this.createFromOpenApi({ ...given, kind: 'declarative' }, flags.openapi, { operations: flags.operations, mayAsk });
      this.log(`${created.packageName} is in ${created.dir}: ${created.files.length} files.\n`);
      this.log(nextSteps(created.dir));
      return created;
    } catch (error) {
      if (error instanceof CannotCreate) throw new CommandFault(error.message, EXIT.refused, 'PLUGIN_NOT_CREATED');
      throw error;
    }
  }

  private async createFromOpenApi(
    given: Partial<NewPlugin>,
    file: string,
    { operations, mayAsk }: { readonly operations: string | undefined; readonly mayAsk: boolean },
  ): Promise<CreatedFromOpenApi> {
    const { askForOperations, askForPlugin, createFromOpenApi, readOperationsOf } = await import('create-tendril-plugin');
    const plugin = await askForPlugin(given, mayAsk);
    const named = operations?.split(',').map((name) => name.trim());
    const chosen = named ?? (mayAsk ? await askForOperations(await readOperationsOf(file)) : undefined);
    const created = await createFromOpenApi({ ...plugin, file, ...(chosen === undefined ? {} : { operations: chosen }) });
    this.log(`${created.actions.length} actions. ${created.guesses} guesses want a look: REVIEW.md.`);
    return created;
  }
}

function nextSteps(dir: string): string {
  const enter = resolve(dir) === process.cwd() ? [] : [`  cd ${basename(dir)}`];
  return [
    'Next:',
    ...enter,
    '  tendril plugins test       # green from the start',
    '  tendril plugins dev        # in a hub that runs on this machine',
    '  npm install                # types for the editor',
  ].join('\n');
}
