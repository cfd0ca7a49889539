import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { leadIdOf } from '../../customers/lead-address.ts';
import type { HubClient } from '../../hub-client.ts';

interface Assigned {
  readonly id: string;
  readonly owner: string | null;
  readonly previousOwner: string | null;
  readonly isChanged: boolean;
}

export default class LeadsAssign extends HubCommand {
  static override description = "Give a lead to somebody: to whom you say, else by the rule of the plugin's settings.";
  static override args = {
    lead: Args.string({ required: true, description: 'id of the lead, or an identity of the person such as an e-mail address' }),
    owner: Args.string({ description: 'whom to give it to, one of the settings' }),
  };
  static override flags = { 'if-free': Flags.boolean({ description: 'leave one that somebody has with them' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(LeadsAssign);
    const hub = this.hub(flags);
    const answer = await callAction<Assigned>(hub, 'leads.assign', {
      id: await this.#idOf(hub, args.lead),
      ...(args.owner !== undefined && { owner: args.owner }),
      ...(flags['if-free'] && { ifFree: true }),
    });
    const { owner, previousOwner, isChanged } = answer;
    if (owner === null) this.log(await this.#whyNobody(hub, answer.id));
    else
      this.log(
        `${answer.id} ${isChanged ? 'is given to' : 'is with'} ${owner}${isChanged && previousOwner !== null ? `, before ${previousOwner}` : ''}.`,
      );
    return answer;
  }

  async #idOf(hub: HubClient, text: string): Promise<string> {
    const asked = await leadIdOf(hub, text);
    return 'id' in asked ? asked.id : (await callAction<{ readonly id: string }>(hub, 'leads.get', asked)).id;
  }

  async #whyNobody(hub: HubClient, lead: string): Promise<string> {
    const { owners } = await callAction<{ readonly owners: readonly object[] }>(hub, 'leads.owners', {});
    return owners.length === 0
      ? `There is nobody to give ${lead} to: the setting \`owners\` of the plugin leads names nobody.`
      : `Nobody has room for ${lead}.`;
  }
}
