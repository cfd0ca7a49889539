import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';

export default class AgentsTick extends HubCommand {
  static override description = 'Let an agent tick now instead of at its next time. What it decides are events: `tendril events tail`.';
  static override args = { name: Args.string({ required: true, description: 'the agent, plugin.agent' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(AgentsTick);
    const agent = await this.hub(flags).request('POST', `/v1/agents/${encodeURIComponent(args.name)}/tick`);
    this.log(`${args.name} ticks now.`);
    return agent;
  }
}
