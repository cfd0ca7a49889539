import { Flags } from '@oclif/core';
import { HubCommand } from '../../../base-command.ts';
import { listByAction } from '../../../customers/actions.ts';
import type { ShownForm } from '../../../customers/forms.ts';
import { warningLines } from '../../../customers/problems.ts';

export default class LeadsFormsList extends HubCommand {
  static override description = 'List forms by which people leave their address, with how many answers they have.';
  static override flags = { limit: Flags.integer({ description: 'how many', default: 100, min: 1, max: 1000 }) };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(LeadsFormsList);
    const items = await listByAction<ShownForm>(this.hub(flags), 'leads.form_list', {}, flags.limit);
    this.table(
      items.map(({ id, title, isOpen, isDoubleOptIn, counts, path }) => ({
        id,
        title,
        state: isOpen ? 'open' : 'closed',
        'double opt-in': isDoubleOptIn ? 'yes' : 'no',
        accepted: counts['accepted'] ?? 0,
        unconfirmed: counts['unconfirmed'] ?? 0,
        'to look at': counts['suspicious'] ?? 0,
        path,
      })),
      'There are no forms; `tendril leads forms save FILE` makes one.',
    );
    // Most often it is the same for all of them.
    for (const line of new Set(items.flatMap(({ warnings }) => warningLines(warnings)))) this.note(line);
    return { items };
  }
}
