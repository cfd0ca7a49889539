import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { readJsonObject } from '../../input.ts';
import { moment } from '../../instants.ts';
import { environmentFlag, meantOverHttp, readMeantPipeline } from '../../pipeline-address.ts';
import { refuseFaults } from '../../pipeline-faults.ts';
import type { Fault } from '../../pipeline-faults.ts';
import { stateText } from '../../run-rows.ts';
import { callRows } from '../../simulation-rows.ts';
import type { ShownCall } from '../../simulation-rows.ts';

interface Simulation {
  readonly state: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly calls: readonly ShownCall[];
  readonly emitted: readonly { readonly event: string; readonly properties: unknown; readonly at: string }[];
  readonly output?: unknown;
  readonly error?: unknown;
  readonly reason?: string;
}

type Answer = { readonly faults: readonly Fault[] } | { readonly simulation: Simulation };

export default class PipelinesDryRun extends HubCommand {
  static override description = 'Play one run through: reads are done, everything else is held back and shown, waits take no time.';
  static override examples = [
    'tendril pipelines dry-run welcome.yaml --event signup.json',
    `tendril pipelines dry-run order_webhook --input '{"order":{"id":7}}'`,
  ];
  static override args = { pipeline: Args.string({ required: true, description: 'YAML or JSON file, or id of a deployed pipeline' }) };
  static override flags = {
    ...environmentFlag,
    event: Flags.string({ description: 'the event that starts it: JSON as the tracking API takes it, or a file with it' }),
    input: Flags.string({ description: 'the input of what starts it otherwise: JSON, or a file with it' }),
    person: Flags.string({ description: 'whom it is about: id of a profile, or a profile as JSON' }),
    settings: Flags.string({ description: 'instead of those in force: JSON, or a file with it' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesDryRun);
    const { event, input, person, settings, environment } = flags;
    const meant = readMeantPipeline(args.pipeline);
    const answer = await this.hub(flags).request<Answer>('POST', '/v1/pipelines/dry-run', {
      ...meantOverHttp(meant),
      ...(event === undefined ? {} : { event: readJsonObject(event, '--event') }),
      ...(input === undefined ? {} : { input: readJsonObject(input, '--input') }),
      ...(person === undefined ? {} : { person: person.trimStart().startsWith('{') ? readJsonObject(person, '--person') : person }),
      ...(settings === undefined ? {} : { settings: readJsonObject(settings, '--settings') }),
      ...(environment === undefined ? {} : { environment }),
    });
    if ('faults' in answer) refuseFaults(this, args.pipeline, 'source' in meant ? meant.source : '', answer.faults, 'nothing was played');
    else this.#show(answer.simulation);
    return answer;
  }

  #show({ state, startedAt, endedAt, reason, error, calls, emitted, output }: Simulation): void {
    const until = endedAt === undefined ? '' : `, from ${moment(startedAt)} to ${moment(endedAt)} UTC`;
    this.log(
      `It would end ${stateText(state)}${reason === undefined ? '' : `: ${reason}`}${until}.${error === undefined ? '' : ` ${JSON.stringify(error)}`}`,
    );
    this.table(callRows(calls), 'It would call no action.');
    for (const event of emitted) this.log(`emits ${event.event} ${JSON.stringify(event.properties)}`);
    if (output !== undefined) this.log(`output: ${JSON.stringify(output)}`);
  }
}
