import { Args, Flags } from '@oclif/core';
import type { JsonObject } from '@tendril/plugin-api';
import { TendrilError } from '@tendril/plugin-api';
import { HubCommand } from '../../base-command.ts';
import { CommandFault, EXIT } from '../../failure.ts';
import type { HubClient } from '../../hub-client.ts';
import { parseJsonObject, readText } from '../../input.ts';
import { readPermissions, refuseBeyond } from '../../operator/allowed-permissions.ts';
import { canAsk, confirmed } from '../../operator/ask.ts';
import { findHubPlugin, pluginPath } from '../../operator/hub-plugin.ts';
import type { HubPlugin } from '../../operator/hub-plugin.ts';
import { connectionHints } from '../../operator/connection-hints.ts';
import { readAssignment, settingsFields } from '../../operator/settings-fields.ts';

export default class PluginsEnable extends HubCommand {
  static override description =
    'Let the tenant use a plugin, and what it requires. Shows what it may do, and asks; then asks for its settings.';
  static override examples = [
    'tendril plugins enable acme_crm',
    'tendril plugins enable acme_crm --yes --set region=eu',
    'tendril plugins enable acme_crm --allow-permissions allowed.json --settings settings.json',
  ];
  static override args = { id: Args.string({ required: true, description: 'id of the plugin' }) };
  static override flags = {
    yes: Flags.boolean({ char: 'y', description: 'consent to what it may do, and take the defaults of its settings, without asking' }),
    'allow-permissions': Flags.string({
      description: 'consent if it may do nothing beyond: JSON as `permissions` of a manifest, or a file',
    }),
    settings: Flags.string({ description: 'JSON file with its settings, `-` for standard input' }),
    set: Flags.string({ multiple: true, description: 'one setting, as name=value' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsEnable);
    const hub = this.hub(flags);
    const plugin = await this.find(hub, args.id);
    const isUnattended = flags.yes || flags['allow-permissions'] !== undefined;
    if (plugin.consent.isNeeded) {
      this.showPermissions(plugin);
      if (flags['allow-permissions'] !== undefined)
        await refuseBeyond(plugin.id, plugin.permissions, await readPermissions(flags['allow-permissions'], '--allow-permissions'));
      else if (!flags.yes) await this.askConsent(plugin);
    }
    const settings = await this.readSettings(plugin, { file: flags.settings, assignments: flags.set ?? [], isUnattended });
    await hub.request('POST', pluginPath(plugin.id, '/enable'), {
      ...(plugin.consent.isNeeded ? { consent: plugin.permissionsHash } : {}),
      ...(settings === undefined ? {} : { settings }),
    });
    this.log(`${plugin.id} enabled.`);
    const connections = await connectionHints(hub, plugin);
    for (const { says } of connections) this.log(says);
    return { id: plugin.id, isEnabled: true, ...(settings === undefined ? {} : { settings: Object.keys(settings) }), connections };
  }

  private async find(hub: HubClient, id: string): Promise<HubPlugin> {
    const plugin = await findHubPlugin(hub, id);
    if (plugin === undefined)
      throw new TendrilError('PLUGIN_UNKNOWN', { plugin: id, remedy: `\`tendril plugins install ${id}\` installs it` });
    if (plugin.state === 'faulty')
      throw new CommandFault(
        `${id} cannot be enabled: ${plugin.health.reason ?? 'it is faulty'}. \`tendril plugins verify ${id}\` tells more.`,
        EXIT.refused,
        'PLUGIN_FAULTY',
      );
    return plugin;
  }

  private showPermissions({ id, title, version, permissionsInWords, runsIn }: HubPlugin): void {
    const where = { process: ' It runs in the hub’s own process, without a fence.', child: '', declarative: ' It brings no code.' }[
      runsIn ?? 'child'
    ];
    this.log(
      permissionsInWords.length === 0
        ? `${title} (${id} ${version}) asks for nothing beyond its own settings.${where}`
        : `${title} (${id} ${version}):${where}`,
    );
    for (const line of permissionsInWords) this.log(`  ${line}`);
  }

  private async askConsent({ id }: HubPlugin): Promise<void> {
    const isSure = await confirmed(`Let ${id} do that?`, {
      isJson: this.jsonEnabled(),
      otherwise: 'Say --yes, or what it may do at most with --allow-permissions.',
    });
    if (!isSure) throw new CommandFault(`${id} was not enabled.`, EXIT.refused, 'NOT_CONFIRMED');
  }

  /** @returns `undefined` when there is nothing to set */
  private async readSettings(
    { settings: known, settingsSchema: schema }: HubPlugin,
    given: { readonly file: string | undefined; readonly assignments: readonly string[]; readonly isUnattended: boolean },
  ): Promise<JsonObject | undefined> {
    const { file, assignments, isUnattended } = given;
    const fromFile = file === undefined ? {} : (parseJsonObject(readText(file), file === '-' ? 'standard input' : file) as JsonObject);
    const assigned = assignments.map((text) => readAssignment(text, schema));
    const settings = [fromFile, ...assigned].reduce<JsonObject>((all, one) => merged(all, one), known);
    const isGiven = file !== undefined || assignments.length > 0;
    if (!isGiven && settingsFields(schema).length === 0) return undefined;
    const { askSettings, settingsProblems } = await import('../../operator/ask-settings.ts');
    if (!isGiven && !isUnattended && canAsk(this.jsonEnabled())) return askSettings(schema, settings);
    const problems = settingsProblems(schema, settings);
    if (problems.length > 0)
      throw new TendrilError('PLUGIN_SETTINGS_INVALID', { problems, remedy: 'give them with --settings FILE or --set name=value' });
    return isGiven ? settings : undefined;
  }
}

/** The second over the first, members of objects one by one. */
function merged(under: JsonObject, over: JsonObject): JsonObject {
  const both = Object.entries(over).map(([name, value]) => {
    const before = under[name];
    return [name, isObject(before) && isObject(value) ? merged(before, value) : value] as const;
  });
  return { ...under, ...Object.fromEntries(both) };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
