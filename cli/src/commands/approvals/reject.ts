import { decisionArgs, DecisionCommand, decisionFlags } from '../../decision-command.ts';

export default class ApprovalsReject extends DecisionCommand {
  static override description = 'Reject what a run waits for; it does what it declares for that, or fails.';
  static override args = decisionArgs;
  static override flags = decisionFlags;

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(ApprovalsReject);
    await this.decide(args.id, 'reject', flags);
    this.log(`${args.id} is rejected.`);
    return { id: args.id, isApproved: false };
  }
}
