import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { progressOf } from '../../customers/segments.ts';
import type { ShownSegment } from '../../customers/segments.ts';

export default class SegmentsList extends HubCommand {
  static override description = 'List segments with how many people are in.';

  async run(): Promise<unknown> {
    const { flags } = await this.parse(SegmentsList);
    const answer = await callAction<{ readonly items: readonly ShownSegment[] }>(this.hub(flags), 'profiles.segment_list', {});
    this.table(
      answer.items.map((segment) => ({
        name: segment.name,
        people: segment.members,
        state: progressOf(segment),
        condition: segment.condition,
      })),
      'There are no segments; `tendril segments save NAME CONDITION` makes one.',
    );
    return answer;
  }
}
