import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import type { ShownBroadcast } from '../../broadcast-rows.ts';
import { CommandFault, EXIT } from '../../failure.ts';
import { readJsonObject, readText } from '../../input.ts';
import { environmentFlag, pipelineAddress } from '../../pipeline-address.ts';

export default class BroadcastsSend extends HubCommand {
  static override description =
    'Send a pipeline to many people: one run for each, paced, each once. To the people of its trigger unless told.';
  static override examples = [
    'tendril broadcasts send newsletter --segment customers --per-minute 600',
    'tendril broadcasts send newsletter --people ids.txt --test',
  ];
  static override args = { pipeline: Args.string({ required: true, description: 'id of a pipeline whose trigger is a broadcast' }) };
  static override flags = {
    ...environmentFlag,
    segment: Flags.string({ description: 'to the people of this segment', exclusive: ['people'] }),
    people: Flags.string({ description: 'file with ids of profiles, one a line; - is standard input' }),
    'per-minute': Flags.integer({ description: 'how many runs are started in a minute at most', min: 1 }),
    input: Flags.string({ description: 'JSON, or a file with it' }),
    test: Flags.boolean({ description: 'reaches sandboxes and the local mail sink only' }),
    'idempotency-key': Flags.string({ description: 'a second time under the same key sends nothing' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BroadcastsSend);
    const key = flags['idempotency-key'];
    const broadcast = await this.hub(flags).request<ShownBroadcast>(
      'POST',
      pipelineAddress(args.pipeline, '/broadcasts', flags.environment),
      {
        ...(flags.segment === undefined ? {} : { segment: flags.segment }),
        ...(flags.people === undefined ? {} : { people: readPeople(flags.people) }),
        ...(flags['per-minute'] === undefined ? {} : { perMinute: flags['per-minute'] }),
        ...(flags.input === undefined ? {} : { input: readJsonObject(flags.input, '--input') }),
        ...(flags.test ? { isTest: true } : {}),
      },
      key === undefined ? {} : { 'idempotency-key': key },
    );
    const people = broadcast.total === undefined ? '' : ` to ${broadcast.total} ${broadcast.total === 1 ? 'person' : 'people'}`;
    this.log(`Broadcast ${broadcast.id}${people} has begun. \`tendril broadcasts show ${broadcast.id}\` shows how far it is.`);
    return broadcast;
  }
}

function readPeople(file: string): readonly string[] {
  const people = readText(file)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (people.length === 0) throw new CommandFault(`${file} names nobody.`, EXIT.commandLine);
  return people;
}
