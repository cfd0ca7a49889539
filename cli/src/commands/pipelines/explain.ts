import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { moment } from '../../instants.ts';
import { ENVIRONMENTS, pipelineAddress, queryOf } from '../../pipeline-address.ts';
import { reasonLines } from '../../reason-text.ts';
import type { ShownReason } from '../../reason-text.ts';

interface Explanation {
  readonly summary: string;
  readonly starts: readonly ShownReason[];
  readonly heldBack: readonly { readonly runId: string; readonly action: string; readonly reason: string; readonly at: string }[];
}

export default class PipelinesExplain extends HubCommand {
  static override description = 'Tell why a pipeline did or did not do something for a person.';
  static override examples = ['tendril pipelines explain userId:u1 welcome'];
  static override args = {
    person: Args.string({ required: true, description: 'id of a profile, or an identity such as userId:u1' }),
    pipeline: Args.string({ required: true, description: 'id of the pipeline' }),
  };
  static override flags = {
    environment: Flags.string({ char: 'e', description: 'which environment; production unless given', options: ENVIRONMENTS }),
    limit: Flags.integer({ description: 'how many of the last events', min: 1, max: 200 }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesExplain);
    const query = queryOf({ person: args.person, environment: flags.environment, limit: flags.limit });
    const explanation = await this.hub(flags).request<Explanation>('GET', `${pipelineAddress(args.pipeline, '/explain')}${query}`);
    this.log(explanation.summary);
    for (const reason of explanation.starts) for (const line of reasonLines(reason, 'event')) this.log(line);
    for (const { at, action, reason, runId } of explanation.heldBack)
      this.log(`✗ ${moment(at)} UTC  ${action} was held back: ${reason}. Run ${runId}.`);
    return explanation;
  }
}
