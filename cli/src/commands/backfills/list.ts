import { HubCommand } from '../../base-command.ts';
import { moment } from '../../instants.ts';

interface Backfill {
  readonly id: string;
  readonly pipeline: string;
  readonly state: string;
  readonly from: string;
  readonly to: string;
  readonly events: number;
  readonly started: number;
  readonly position: { readonly first: number; readonly now: number; readonly last: number };
}

export default class BackfillsList extends HubCommand {
  static override description = 'List backfills, newest first, and how far each is.';

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BackfillsList);
    const items = await this.hub(flags).list<Backfill>('/v1/backfills', 1000);
    this.table(
      items.map(({ id, pipeline, state, from, to, events, started, position }) => ({
        backfill: id,
        pipeline,
        state,
        from: `${moment(from)} UTC`,
        to: `${moment(to)} UTC`,
        done: doneText(position),
        events,
        started,
      })),
      'There is no backfill; `tendril pipelines backfill ID --since 30d` begins one.',
    );
    return { items };
  }
}

function doneText({ first, now, last }: Backfill['position']): string {
  return last <= first ? '100 %' : `${Math.floor(Math.min(1, Math.max(0, (now - first) / (last - first))) * 100)} %`;
}
