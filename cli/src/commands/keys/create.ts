import { Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { CommandFault, EXIT } from '../../failure.ts';

export default class KeysCreate extends HubCommand {
  static override description =
    'Create a write key of an app (public, may only send events) or a secret key with scopes. The key is shown once.';
  static override flags = {
    app: Flags.string({ description: 'a write key of this app', exclusive: ['scope'] }),
    scope: Flags.string({
      description: 'a secret key with this scope; may be repeated',
      multiple: true,
      options: ['read', 'write', 'actions', 'pipelines', 'connections', 'admin'],
    }),
    tenant: Flags.string({ description: "of another tenant; needs an admin key of the installation's own" }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(KeysCreate);
    if (flags.app === undefined && flags.scope === undefined)
      throw new CommandFault('Say what for: --app APP for a write key, --scope SCOPE for a secret key.', EXIT.commandLine);
    const body = flags.app === undefined ? { kind: 'secret', scopes: flags.scope } : { kind: 'write', appId: flags.app };
    const path = flags.tenant === undefined ? '/v1/keys' : `/v1/tenants/${encodeURIComponent(flags.tenant)}/keys`;
    const key = await this.hub(flags).request<{ secret: string }>('POST', path, body);
    this.log(key.secret);
    if (!this.jsonEnabled()) this.note('It is not shown again.');
    return key;
  }
}
