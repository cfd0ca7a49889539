import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { EXIT } from '../../failure.ts';
import { readJsonObject } from '../../input.ts';
import { interruption } from '../../interrupt.ts';
import { environmentFlag, pipelineAddress } from '../../pipeline-address.ts';
import { remedyText, runText, stepRows, WAITS_FOR_A_PERSON } from '../../run-rows.ts';
import { waitForRun } from '../../wait-for-run.ts';

export default class PipelinesRun extends HubCommand {
  static override description =
    'Start one run by hand. Also of pipelines that something else starts: the input is then what their event carries.';
  static override examples = [
    `tendril pipelines run welcome --input '{"plan":"pro"}' --person p1 --wait`,
    'tendril pipelines run weekly_report --idempotency-key 2026-47',
  ];
  static override args = { id: Args.string({ required: true, description: 'id of the pipeline' }) };
  static override flags = {
    ...environmentFlag,
    input: Flags.string({ description: 'JSON, or a file with it; - is standard input' }),
    person: Flags.string({ description: 'whom it is about: id of a profile' }),
    test: Flags.boolean({ description: 'reaches sandboxes and the local mail sink only' }),
    'idempotency-key': Flags.string({ description: 'a second start under the same key gives the first run' }),
    wait: Flags.boolean({ description: 'until it ends or waits for a person; exit code 1 unless it succeeded or was stopped' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesRun);
    const hub = this.hub(flags);
    const body = {
      ...(flags.input === undefined ? {} : { input: readJsonObject(flags.input, '--input') }),
      ...(flags.person === undefined ? {} : { personId: flags.person }),
      ...(flags.test ? { isTest: true } : {}),
    };
    const key = flags['idempotency-key'];
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    const address = pipelineAddress(args.id, '/runs', flags.environment);
    const started = await hub.request<{ runId: string; isNew: boolean }>('POST', address, body, headers);
    if (!flags.wait) {
      this.log(
        `${started.isNew ? 'Started' : 'Was started before:'} run ${started.runId}. \`tendril runs show ${started.runId}\` shows it.`,
      );
      return started;
    }
    const run = await waitForRun(hub, started.runId, interruption().signal);
    this.log(runText(run));
    const remedy = remedyText(run);
    if (remedy !== undefined) this.log(remedy);
    this.table(stepRows(run.steps), 'It has no step.');
    if (run.output !== undefined) this.log(`output: ${JSON.stringify(run.output)}`);
    if (run.state === 'failed' || run.state === 'cancelled' || WAITS_FOR_A_PERSON.has(run.state)) process.exitCode = EXIT.failed;
    return { ...started, run };
  }
}
