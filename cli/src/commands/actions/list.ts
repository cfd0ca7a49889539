import { HubCommand } from '../../base-command.ts';

interface Action {
  readonly name: string;
  readonly title: string;
  readonly effect: string;
  readonly idempotency?: string;
  readonly isEnabled: boolean;
}

export default class ActionsList extends HubCommand {
  static override description = 'List what can be done.';

  async run(): Promise<unknown> {
    const { flags } = await this.parse(ActionsList);
    const items = await this.hub(flags).list<Action>('/v1/actions', 1000);
    this.table(
      items.map((action) => ({
        action: action.name,
        effect: action.effect,
        enabled: action.isEnabled ? 'yes' : 'no',
        title: action.title,
      })),
      'No plugin contributes an action.',
    );
    return { items };
  }
}
