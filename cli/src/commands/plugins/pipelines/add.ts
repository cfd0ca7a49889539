import { Args, Flags } from '@oclif/core';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import { HubCommand } from '../../../base-command.ts';
import { CommandFault, EXIT } from '../../../failure.ts';
import { canAsk } from '../../../operator/ask.ts';
import { readAssignment, settingsFields } from '../../../operator/settings-fields.ts';
import { refuseFaults } from '../../../pipeline-faults.ts';
import type { Fault } from '../../../pipeline-faults.ts';

interface Ready {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly settings: JsonObject;
  readonly state: 'absent' | 'added' | 'edited';
  readonly hasNewer: boolean;
}

interface Added {
  readonly id: string;
  readonly version: number;
  readonly isPaused: boolean;
}

export default class PluginsPipelinesAdd extends HubCommand {
  static override description =
    'Deploy a pipeline that comes with a plugin, paused: asks for its settings first. Adding it again takes the newer one of a new version of the plugin, unless it was changed here.';
  static override examples = [
    'tendril plugins pipelines add feedback_box follow_up',
    'tendril plugins pipelines add feedback_box follow_up --set limit=5',
  ];
  static override args = {
    id: Args.string({ required: true, description: 'id of the plugin' }),
    pipeline: Args.string({ required: true, description: 'id of the pipeline, as the plugin names it' }),
  };
  static override flags = {
    set: Flags.string({ multiple: true, description: 'one setting, as name=value; nothing is asked then' }),
    yes: Flags.boolean({ char: 'y', description: 'take the defaults of its settings, without asking' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsPipelinesAdd);
    const hub = this.hub(flags);
    const path = `/v1/plugins/${encodeURIComponent(args.id)}/pipelines`;
    const all = await hub.list<Ready>(path, 1000);
    const ready = all.find(({ id }) => id === args.pipeline);
    if (ready === undefined)
      throw new CommandFault(`No pipeline ${args.pipeline} comes with ${args.id}. ${offered(all)}`, EXIT.refused, 'NOT_FOUND');
    const settings = ready.state === 'absent' ? await this.readSettings(ready, flags) : {};
    try {
      const added = await hub.request<Added>('POST', `${path}/${encodeURIComponent(args.pipeline)}`, { settings });
      this.log(`Pipeline ${added.id} is deployed as version ${added.version}${added.isPaused ? ', paused' : ''}.`);
      if (added.isPaused) this.note(`It starts runs after: tendril pipelines resume ${added.id}`);
      return added;
    } catch (error) {
      if (!TendrilError.is(error) || error.code !== 'PIPELINE_INVALID' || this.jsonEnabled()) throw error;
      refuseFaults(this, ready.name, ready.source, (error.details['faults'] ?? []) as readonly Fault[], 'nothing was deployed');
      return undefined;
    }
  }

  private async readSettings(
    { settings: schema }: Ready,
    { set = [], yes }: { readonly set?: readonly string[] | undefined; readonly yes: boolean },
  ): Promise<JsonObject> {
    if (set.length > 0) return Object.assign({}, ...set.map((text) => readAssignment(text, schema))) as JsonObject;
    if (yes || settingsFields(schema).length === 0 || !canAsk(this.jsonEnabled())) return {};
    const { askSettings } = await import('../../../operator/ask-settings.ts');
    return askSettings(schema, {});
  }
}

function offered(all: readonly Ready[]): string {
  return all.length === 0 ? 'None do.' : `There are: ${all.map(({ id }) => id).join(', ')}.`;
}
