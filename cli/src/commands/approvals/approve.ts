import { decisionArgs, DecisionCommand, decisionFlags } from '../../decision-command.ts';

export default class ApprovalsApprove extends DecisionCommand {
  static override description = 'Approve what a run waits for; it goes on.';
  static override args = decisionArgs;
  static override flags = decisionFlags;

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(ApprovalsApprove);
    await this.decide(args.id, 'approve', flags);
    this.log(`${args.id} is approved.`);
    return { id: args.id, isApproved: true };
  }
}
