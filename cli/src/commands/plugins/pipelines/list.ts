import { Args } from '@oclif/core';
import { HubCommand } from '../../../base-command.ts';

interface Ready {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly state: 'absent' | 'added' | 'edited';
  readonly isPaused?: boolean;
  readonly hasNewer: boolean;
}

export default class PluginsPipelinesList extends HubCommand {
  static override description = 'List the pipelines that come with a plugin, and which of them are deployed.';
  static override examples = ['tendril plugins pipelines list feedback_box'];
  static override args = { id: Args.string({ required: true, description: 'id of the plugin' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsPipelinesList);
    const items = await this.hub(flags).list<Ready>(`/v1/plugins/${encodeURIComponent(args.id)}/pipelines`, 1000);
    this.table(
      items.map((ready) => ({
        pipeline: ready.id,
        state: stateOf(ready),
        deployed: ready.state === 'absent' ? '' : ready.name,
        title: ready.title,
      })),
      `No pipeline comes with ${args.id}.`,
    );
    for (const { id, hasNewer, state, name } of items.filter((ready) => ready.hasNewer))
      this.note(
        state === 'edited' || !hasNewer
          ? `${id}: the plugin has a newer one, and ${name} was changed here. It stays as it is.`
          : `${id}: the plugin has a newer one. Take it with: tendril plugins pipelines add ${args.id} ${id}`,
      );
    return { items };
  }
}

function stateOf({ state, isPaused }: Ready): string {
  if (state === 'absent') return 'not added';
  return `${state}${isPaused === true ? ', paused' : ''}`;
}
