import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { progressOf } from '../../customers/segments.ts';
import type { ShownSegment } from '../../customers/segments.ts';
import { traitText } from '../../customers/traits.ts';
import type { TraitDefinition } from '../../customers/traits.ts';

interface ShownTrait extends Pick<ShownSegment, 'name' | 'title' | 'state' | 'progress'> {
  readonly trait: TraitDefinition;
}

export default class TraitsList extends HubCommand {
  static override description = 'List computed traits: what is worked out of what people do.';

  async run(): Promise<unknown> {
    const { flags } = await this.parse(TraitsList);
    const answer = await callAction<{ readonly items: readonly ShownTrait[] }>(this.hub(flags), 'profiles.trait_list', {});
    this.table(
      answer.items.map((item) => ({ name: item.name, is: traitText(item.trait), state: progressOf(item) })),
      'Nothing is computed; `tendril traits save NAME --event EVENT --aggregate count` begins.',
    );
    return answer;
  }
}
