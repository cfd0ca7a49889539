import { Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { listByAction } from '../../customers/actions.ts';
import { ago } from '../../instants.ts';

interface ShownPlace {
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  readonly version: number;
  readonly candidates: number;
  readonly savedAt: string;
}

export default class PlacesList extends HubCommand {
  static override description = 'List places: messages, page slots and offers that content is chosen for.';
  static override flags = { limit: Flags.integer({ description: 'how many', default: 100, min: 1, max: 1000 }) };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(PlacesList);
    const items = await listByAction<ShownPlace>(this.hub(flags), 'profiles.place_list', {}, flags.limit);
    this.table(
      items.map(({ id, title, kind, version, candidates, savedAt }) => ({
        id,
        title,
        kind,
        version,
        candidates,
        saved: ago(savedAt, Date.now()),
      })),
      'There are no places; `tendril places save FILE` makes one.',
    );
    return { items };
  }
}
