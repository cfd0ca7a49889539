import { Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { listByAction } from '../../customers/actions.ts';
import { leadRow } from '../../customers/leads.ts';
import type { ShownLead } from '../../customers/leads.ts';

interface QueuedLead extends ShownLead {
  readonly nextStep: string;
}

export default class LeadsQueue extends HubCommand {
  static override description = 'Show whom to talk to next, the most promising first.';
  static override flags = {
    owner: Flags.string({ description: 'only of this owner' }),
    stage: Flags.string({ description: 'only of this stage' }),
    by: Flags.string({ description: 'what comes first', options: ['expected_value', 'probability'] }),
    limit: Flags.integer({ description: 'how many', default: 20, min: 1, max: 1000 }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(LeadsQueue);
    const { owner, stage, by } = flags;
    const input = { ...(owner !== undefined && { owner }), ...(stage !== undefined && { stage }), ...(by !== undefined && { by }) };
    const items = await listByAction<QueuedLead>(this.hub(flags), 'leads.queue', input, flags.limit);
    this.table(
      items.map((lead) => ({ ...leadRow(lead, Date.now()), next: lead.nextStep })),
      'Nobody is waiting.',
    );
    return { items };
  }
}
