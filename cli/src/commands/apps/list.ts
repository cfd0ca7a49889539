import { HubCommand } from '../../base-command.ts';

interface App {
  readonly id: string;
  readonly name: string;
  readonly isTest: boolean;
  readonly environment: string;
  readonly origins: readonly string[];
}

export default class AppsList extends HubCommand {
  static override description = 'List the applications that send events.';

  async run(): Promise<unknown> {
    const { flags } = await this.parse(AppsList);
    const items = await this.hub(flags).list<App>('/v1/apps', 1000);
    this.table(
      items.map((app) => ({
        id: app.id,
        name: app.name,
        mode: app.isTest ? 'test' : 'live',
        environment: app.environment,
        origins: app.origins.join(' '),
      })),
      'There is no app; `tendril apps create NAME` makes one.',
    );
    return { items };
  }
}
