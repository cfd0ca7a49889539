import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { leadIdOf } from '../../customers/lead-address.ts';
import { moneyOf } from '../../customers/leads.ts';
import type { ShownLead } from '../../customers/leads.ts';
import { percent } from '../../customers/problems.ts';
import { moment } from '../../instants.ts';

export default class LeadsShow extends HubCommand {
  static override description = 'Show a lead: its score with reasons, its stage and how it came there.';
  static override args = {
    lead: Args.string({ required: true, description: 'id of the lead, or an identity of the person such as an e-mail address' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(LeadsShow);
    const hub = this.hub(flags);
    const lead = await callAction<ShownLead>(hub, 'leads.get', await leadIdOf(hub, args.lead));
    this.log(
      `${lead.name ?? lead.email ?? lead.phone ?? 'somebody'} (${lead.id}), ${lead.status}${lead.stage === null ? '' : `, stage ${lead.stage}`}`,
    );
    this.log(`person      ${lead.person}`);
    this.log(`from        ${lead.source}, ${moment(lead.capturedAt)} UTC`);
    this.log(`owner       ${lead.owner ?? '-'}`);
    this.log(`probable    ${percent(lead.probability)} (fit ${percent(lead.fit)}, behaviour ${percent(lead.behaviour)})`);
    if (lead.expectedValueCents !== null) this.log(`worth       ${moneyOf(lead)}`);
    this.table(
      lead.reasons.map(({ text, part, contribution }) => ({ because: text, part, weight: contribution.toFixed(2) })),
      'It was not scored yet.',
    );
    for (const { at, stage, by, reasons } of lead.history)
      this.log(`${moment(at)}  ${stage ?? 'no stage'}, by ${by}: ${reasons.join('; ')}`);
    return lead;
  }
}
