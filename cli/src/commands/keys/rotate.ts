import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';

export default class KeysRotate extends HubCommand {
  static override description = 'Give a key a successor with the same rights; the old one works on for a while.';
  static override args = { id: Args.string({ required: true, description: 'id of the key' }) };
  static override flags = {
    'overlap-seconds': Flags.integer({ description: 'how long the old key still works', default: 86_400, min: 0 }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(KeysRotate);
    const key = await this.hub(flags).request<{ secret: string }>('POST', `/v1/keys/${encodeURIComponent(args.id)}/rotate`, {
      overlapSeconds: flags['overlap-seconds'],
    });
    this.log(key.secret);
    if (!this.jsonEnabled()) this.note(`It is not shown again. The old key works for another ${flags['overlap-seconds']} s.`);
    return key;
  }
}
