import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { ENVIRONMENTS } from '../../pipeline-address.ts';

export default class AppsCreate extends HubCommand {
  static override description = 'Create an application. What a test app causes reaches sandboxes and the local mail sink only.';
  static override args = { name: Args.string({ required: true, description: 'what people read' }) };
  static override flags = {
    live: Flags.boolean({ description: 'a live app; a test app without it' }),
    environment: Flags.string({
      char: 'e',
      description: 'which deployments of pipelines its events start; development for test apps and production for live ones unless given',
      options: ENVIRONMENTS,
    }),
    origin: Flags.string({
      description: 'origin that browsers may send from, such as https://shop.example; may be repeated',
      multiple: true,
    }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(AppsCreate);
    const app = await this.hub(flags).request<{ id: string }>('POST', '/v1/apps', {
      name: args.name,
      isTest: !flags.live,
      ...(flags.environment === undefined ? {} : { environment: flags.environment }),
      ...(flags.origin ? { origins: flags.origin } : {}),
    });
    this.log(`App ${app.id} created. \`tendril keys create --app ${app.id}\` gives it a write key.`);
    return app;
  }
}
