import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { leadIdOf } from '../../customers/lead-address.ts';
import { percent } from '../../customers/problems.ts';

interface Enriched {
  readonly facts: readonly { readonly field: string; readonly value: unknown; readonly confidence: number; readonly source: string }[];
  readonly missing: readonly string[];
  readonly written: readonly string[];
}

export default class LeadsEnrich extends HubCommand {
  static override description = 'Find out more about a lead: its company, the quality of its address, its country, its name.';
  static override examples = ['tendril leads enrich ada@example.com', 'tendril leads enrich ada@example.com --write'];
  static override args = {
    lead: Args.string({ required: true, description: 'id of the lead, or an identity of the person such as an e-mail address' }),
  };
  static override flags = {
    write: Flags.boolean({ description: 'note what is found out with the person, where nothing is known yet' }),
    fresh: Flags.boolean({ description: 'ask again, also what was asked lately' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(LeadsEnrich);
    const hub = this.hub(flags);
    const named = await leadIdOf(hub, args.lead);
    const answer = await callAction<Enriched>(hub, 'leads.enrich', {
      ...('id' in named ? { lead: named.id } : named),
      isWritten: flags.write,
      isFresh: flags.fresh,
    });
    this.table(
      answer.facts.map(({ field, value, confidence, source }) => ({ field, value, sure: percent(confidence), from: source })),
      'Nothing could be found out.',
    );
    if (answer.missing.length > 0) this.log(`Not found out: ${answer.missing.join(', ')}.`);
    if (answer.written.length > 0) this.log(`Noted: ${answer.written.join(', ')}.`);
    else if (!flags.write && answer.facts.length > 0 && !this.jsonEnabled()) this.note('Nothing was noted; --write does.');
    return answer;
  }
}
