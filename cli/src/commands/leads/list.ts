import { Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { listByAction } from '../../customers/actions.ts';
import { leadRow } from '../../customers/leads.ts';
import type { ShownLead } from '../../customers/leads.ts';

export default class LeadsList extends HubCommand {
  static override description = 'List leads.';
  static override flags = {
    status: Flags.string({ description: 'only of this status', options: ['new', 'scored', 'contacted', 'qualified', 'won', 'lost'] }),
    limit: Flags.integer({ description: 'how many', default: 20, min: 1, max: 1000 }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(LeadsList);
    const { status } = flags;
    const items = await listByAction<ShownLead>(this.hub(flags), 'leads.list', { ...(status !== undefined && { status }) }, flags.limit);
    this.table(
      items.map((lead) => leadRow(lead, Date.now())),
      status === undefined ? 'There are no leads; `tendril leads import FILE.csv` brings some.' : `No lead is ${status}.`,
    );
    return { items };
  }
}
