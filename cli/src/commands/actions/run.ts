import { readFileSync } from 'node:fs';
import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';

export default class ActionsRun extends HubCommand {
  static override description = 'Do one thing. What is not a read becomes a run of one step.';
  static override examples = ['tendril actions run leads.list --input \'{"limit":3}\''];
  static override args = { name: Args.string({ required: true, description: 'plugin.action' }) };
  static override flags = {
    input: Flags.string({ description: 'input as JSON', default: '{}', exclusive: ['input-file'] }),
    'input-file': Flags.string({ description: 'JSON file with the input, `-` for standard input' }),
    connection: Flags.string({ description: 'name of the connection' }),
    'idempotency-key': Flags.string({ description: 'a second call with the same key answers as the first did' }),
    'dry-run': Flags.boolean({ description: 'say what would be done' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(ActionsRun);
    const source = flags['input-file'] === undefined ? flags.input : readFileSync(flags['input-file'] === '-' ? 0 : flags['input-file'], 'utf8');
    const headers = flags['idempotency-key'] === undefined ? {} : { 'idempotency-key': flags['idempotency-key'] };
    const body = { input: JSON.parse(source) as unknown, ...(flags.connection === undefined ? {} : { connection: flags.connection }), ...(flags['dry-run'] ? { isDryRun: true } : {}) };
    const result = await this.hub(flags).request<{ output: unknown }>('POST', `/v1/actions/${encodeURIComponent(args.name)}`, body, headers);
    this.log(JSON.stringify(result.output, null, 2));
    return result;
  }
}
