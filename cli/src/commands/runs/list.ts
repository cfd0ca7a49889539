import { Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { ago, duration } from '../../instants.ts';
import { queryOf } from '../../pipeline-address.ts';
import { readRunFilter, runFilterFlags } from '../../run-filter.ts';
import { stateText } from '../../run-rows.ts';

interface Run {
  readonly id: string;
  readonly pipeline: string;
  readonly version: number;
  readonly state: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly personId?: string;
}

export default class RunsList extends HubCommand {
  static override description = 'List runs, newest first.';
  static override examples = ['tendril runs list --pipeline welcome --state failed --from 7d'];
  static override flags = {
    ...runFilterFlags,
    limit: Flags.integer({ description: 'how many', default: 20, min: 1, max: 1000 }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(RunsList);
    const query = queryOf(readRunFilter(flags, Date.now()));
    const items = await this.hub(flags).list<Run>(`/v1/runs${query}`, flags.limit);
    this.table(
      items.map((run) => ({
        run: run.id,
        pipeline: run.pipeline,
        version: run.version,
        state: stateText(run.state),
        started: ago(run.startedAt, Date.now()),
        took: duration(run.startedAt, run.endedAt),
        person: run.personId,
      })),
      'There is no such run.',
    );
    return { items };
  }
}
