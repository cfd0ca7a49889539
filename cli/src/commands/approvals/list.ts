import { Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { ago, moment } from '../../instants.ts';

interface Approval {
  readonly id: string;
  readonly pipeline: string;
  readonly by?: string;
  readonly title?: string;
  readonly message?: string;
  readonly personId?: string;
  readonly askedAt: string;
  readonly until?: string;
}

export default class ApprovalsList extends HubCommand {
  static override description = 'List the steps that wait for approval, those that wait longest first.';
  static override flags = { limit: Flags.integer({ description: 'how many', default: 50, min: 1, max: 1000 }) };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(ApprovalsList);
    const items = await this.hub(flags).list<Approval>('/v1/approvals', flags.limit);
    this.table(
      items.map((approval) => ({
        approval: approval.id,
        pipeline: approval.pipeline,
        asks: approval.by,
        person: approval.personId,
        asked: ago(approval.askedAt, Date.now()),
        until: approval.until === undefined ? undefined : `${moment(approval.until)} UTC`,
        about: [approval.title, approval.message].filter((text) => text !== undefined).join(': '),
      })),
      'Nothing waits for approval.',
    );
    return { items };
  }
}
