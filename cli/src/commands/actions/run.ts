import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { parseJsonObject, readText } from '../../input.ts';

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
    const file = flags['input-file'];
    const input =
      file === undefined
        ? parseJsonObject(flags.input, '--input')
        : parseJsonObject(readText(file), file === '-' ? 'standard input' : file);
    const headers = flags['idempotency-key'] === undefined ? {} : { 'idempotency-key': flags['idempotency-key'] };
    const body = {
      input,
      ...(flags.connection === undefined ? {} : { connection: flags.connection }),
      ...(flags['dry-run'] ? { isDryRun: true } : {}),
    };
    const result = await this.hub(flags).request<{ output: unknown; runId?: string }>(
      'POST',
      `/v1/actions/${encodeURIComponent(args.name)}`,
      body,
      headers,
    );
    this.log(JSON.stringify(result.output, null, 2));
    // Not on standard output: that is the action's answer alone.
    if (result.runId !== undefined && !this.jsonEnabled())
      this.note(`Run ${result.runId}; \`tendril runs show ${result.runId}\` shows its step.`);
    return result;
  }
}
