import { Flags } from '@oclif/core';
import { percent, rangeFlags, rangeOf, staleness, testAppsHint } from '../../analytics.ts';
import type { Freshness } from '../../analytics.ts';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';

interface Retention extends Freshness {
  readonly cohorts: readonly { readonly at: string; readonly people: number; readonly back: readonly number[] }[];
}

export default class AnalyticsRetention extends HubCommand {
  static override description = 'Who comes back: people by when they first came, and which part of them comes back in each period after.';
  static override examples = ['tendril analytics retention --first "Signed Up" --per week --periods 8 --since 12w'];
  static override flags = {
    first: Flags.string({ description: 'name of the event with which people begin; anything they do unless given', multiple: true }),
    back: Flags.string({ description: 'name of the event that counts as coming back; anything they do unless given', multiple: true }),
    per: Flags.string({ description: 'length of a period', options: ['day', 'week', 'month'], default: 'week' }),
    periods: Flags.integer({ description: 'how many', min: 1, max: 60, default: 8 }),
    ...rangeFlags,
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(AnalyticsRetention);
    const { first, back, per, periods } = flags;
    const answer = await callAction<Retention>(this.hub(flags), 'analytics.retention', {
      ...(first === undefined ? {} : { first: { names: first } }),
      ...(back === undefined ? {} : { back: { names: back } }),
      per,
      periods,
      ...rangeOf(flags, Date.now()),
    });
    const rows = answer.cohorts.map((cohort) => ({
      [per]: cohort.at,
      people: cohort.people,
      ...Object.fromEntries(cohort.back.map((count, i) => [`+${i}`, percent(cohort.people === 0 ? 0 : count / cohort.people)])),
    }));
    this.table(rows, `Nobody began in this time.${testAppsHint(flags)}`);
    const stale = staleness(answer);
    if (stale !== undefined) this.note(stale);
    return answer;
  }
}
