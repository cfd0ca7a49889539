import { HubCommand } from '../../base-command.ts';
import { moment } from '../../instants.ts';

interface Agent {
  readonly name: string;
  readonly title: string;
  readonly lastTickAt?: string;
  readonly remaining: { readonly sends?: number; readonly spendCents?: number; readonly calls?: number };
}

export default class AgentsList extends HubCommand {
  static override description = "List the agents of the enabled plugins, and what is left of today's bounds.";

  async run(): Promise<unknown> {
    const { flags } = await this.parse(AgentsList);
    const items = await this.hub(flags).list<Agent>('/v1/agents', 1000);
    this.table(
      items.map(({ name, title, lastTickAt, remaining: { sends, spendCents, calls } }) => ({
        agent: name,
        'last tick': lastTickAt === undefined ? 'never' : `${moment(lastTickAt)} UTC`,
        'sends left': sends ?? '',
        'money left': spendCents ?? '',
        'calls left': calls ?? 'unbounded',
        title,
      })),
      'No enabled plugin has an agent.',
    );
    return { items };
  }
}
