import { Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { ago, duration } from '../../instants.ts';

interface Run {
  readonly id: string;
  readonly pipeline: string;
  readonly state: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly personId?: string;
}

export default class RunsList extends HubCommand {
  static override description = 'List runs, newest first.';
  static override flags = {
    pipeline: Flags.string({ description: 'only of this pipeline' }),
    state: Flags.string({
      description: 'only in this state',
      options: ['running', 'sleeping', 'succeeded', 'failed', 'stopped', 'needs_review', 'blocked'],
    }),
    person: Flags.string({ description: 'only of this person' }),
    limit: Flags.integer({ description: 'how many', default: 20, min: 1, max: 1000 }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(RunsList);
    const filter = new URLSearchParams();
    for (const name of ['pipeline', 'state', 'person'] as const) if (flags[name] !== undefined) filter.set(name, flags[name]);
    const query = filter.toString();
    const items = await this.hub(flags).list<Run>(`/v1/runs${query === '' ? '' : `?${query}`}`, flags.limit);
    this.table(
      items.map((run) => ({
        run: run.id,
        pipeline: run.pipeline,
        state: run.state.replace('_', ' '),
        started: ago(run.startedAt, Date.now()),
        took: duration(run.startedAt, run.endedAt),
        person: run.personId,
      })),
      'There is no such run.',
    );
    return { items };
  }
}
