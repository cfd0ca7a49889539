import { Flags } from '@oclif/core';
import { rangeFlags, rangeOf, staleness, testAppsHint } from '../../analytics.ts';
import type { Freshness } from '../../analytics.ts';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';

interface Counted extends Freshness {
  readonly groups: readonly {
    readonly group?: unknown;
    readonly value?: number;
    readonly series?: readonly { readonly at: string; readonly value?: number }[];
  }[];
  readonly isCut: boolean;
}

export default class AnalyticsCount extends HubCommand {
  static override description = 'Count events, or with --people those who did them. Filters and sums: `tendril actions run analytics.sum`.';
  static override examples = [
    'tendril analytics count --event "Order Completed" --per day --since 30d',
    'tendril analytics count --people --by \\$utm_source --since 7d',
  ];
  static override flags = {
    event: Flags.string({
      description: 'name of the events; may be given several times; all that people did unless given',
      multiple: true,
    }),
    people: Flags.boolean({ description: 'count people instead of events' }),
    per: Flags.string({ description: 'a series', options: ['hour', 'day', 'week', 'month'] }),
    by: Flags.string({ description: 'split by the values of this property' }),
    limit: Flags.integer({ description: 'how many values', min: 1, max: 1000 }),
    'time-zone': Flags.string({ description: "whose calendar; the tenant's unless given" }),
    ...rangeFlags,
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(AnalyticsCount);
    const { event, per, by, limit } = flags;
    const answer = await callAction<Counted>(this.hub(flags), flags.people ? 'analytics.uniques' : 'analytics.count', {
      ...(event === undefined ? {} : { events: { names: event } }),
      ...(per === undefined ? {} : { per }),
      ...(by === undefined ? {} : { by }),
      ...(limit === undefined ? {} : { limit }),
      ...(flags['time-zone'] === undefined ? {} : { timeZone: flags['time-zone'] }),
      ...rangeOf(flags, Date.now()),
    });
    const counted = flags.people ? 'people' : 'events';
    const rows = answer.groups
      .filter(({ value }) => by !== undefined || (value ?? 0) > 0)
      .flatMap(({ group, value, series }) => {
        const named = by === undefined ? {} : { [by]: group ?? '(none)' };
        if (series === undefined) return [{ ...named, [counted]: value ?? 0 }];
        return series.map((point) => ({ ...named, [per ?? 'at']: point.at, [counted]: point.value ?? 0 }));
      });
    this.table(rows, `Nothing of this happened.${testAppsHint(flags)}`);
    if (answer.isCut) this.log('There are more values; --limit shows more of them.');
    const stale = staleness(answer);
    if (stale !== undefined) this.note(stale);
    return answer;
  }
}
