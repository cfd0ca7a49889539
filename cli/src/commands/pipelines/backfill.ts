import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { moment, readMoment } from '../../instants.ts';
import { environmentFlag, pipelineAddress } from '../../pipeline-address.ts';

interface Backfill {
  readonly id: string;
  readonly events: number;
  readonly started: number;
  readonly from: string;
  readonly to: string;
}

export default class PipelinesBackfill extends HubCommand {
  static override description = 'Start runs for past events that fit; an event that started one before starts none. --dry only counts.';
  static override examples = [
    'tendril pipelines backfill welcome --since 30d --dry',
    'tendril pipelines backfill welcome --since 2026-11-01 --per-minute 600',
  ];
  static override args = { id: Args.string({ required: true, description: 'id of the pipeline' }) };
  static override flags = {
    ...environmentFlag,
    since: Flags.string({ required: true, description: 'events since then: a date, or a duration before now such as 30d' }),
    until: Flags.string({ description: 'and before then; now unless given' }),
    'per-minute': Flags.integer({ description: 'how many runs are started in a minute at most', min: 1 }),
    dry: Flags.boolean({ description: 'only count' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesBackfill);
    const now = Date.now();
    const backfill = await this.hub(flags).request<Backfill>('POST', pipelineAddress(args.id, '/backfills', flags.environment), {
      from: readMoment(flags.since, '--since', now),
      ...(flags.until === undefined ? {} : { to: readMoment(flags.until, '--until', now) }),
      ...(flags['per-minute'] === undefined ? {} : { perMinute: flags['per-minute'] }),
      isDry: flags.dry,
    });
    const { id, events, started, from, to } = backfill;
    if (flags.dry) this.log(`From ${moment(from)} to ${moment(to)} UTC: ${events} events of its trigger, ${started} would start a run.`);
    else this.log(`Backfill ${id} has begun; \`tendril backfills list\` shows how far it is.`);
    return backfill;
  }
}
