import { Flags } from '@oclif/core';
import { percent, rangeFlags, rangeOf, span, staleness, testAppsHint } from '../../analytics.ts';
import type { Freshness } from '../../analytics.ts';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';

interface Funnel extends Freshness {
  readonly groups: readonly {
    readonly group?: unknown;
    readonly steps: readonly {
      readonly people: number;
      readonly ofFirstRatio: number;
      readonly ofPreviousRatio: number;
      readonly medianMs?: number;
    }[];
  }[];
}

export default class AnalyticsFunnel extends HubCommand {
  static override description = 'How many people take steps one after another. Filters on steps: `tendril actions run analytics.funnel`.';
  static override examples = ['tendril analytics funnel --step "Product Viewed" --step "Order Completed" --hours 72 --since 30d'];
  static override flags = {
    step: Flags.string({ description: 'name of an event; given in order, 2 to 10 times', multiple: true, required: true }),
    hours: Flags.integer({
      description: 'within how many hours from the first step the last has to follow; a week unless given',
      min: 1,
      max: 8784,
    }),
    by: Flags.string({ description: "split by the values of this property of the first step's event" }),
    ...rangeFlags,
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(AnalyticsFunnel);
    const { step, hours, by } = flags;
    const answer = await callAction<Funnel>(this.hub(flags), 'analytics.funnel', {
      steps: step.map((name) => ({ names: [name] })),
      ...(hours === undefined ? {} : { windowHours: hours }),
      ...(by === undefined ? {} : { by }),
      ...rangeOf(flags, Date.now()),
    });
    const rows = answer.groups
      .filter(({ steps }) => (steps[0]?.people ?? 0) > 0)
      .flatMap(({ group, steps }) =>
        steps.map(({ people, ofFirstRatio, ofPreviousRatio, medianMs }, i) => ({
          ...(by === undefined ? {} : { [by]: group ?? '(none)' }),
          step: step[i],
          people,
          'of first': percent(ofFirstRatio),
          'of before': percent(ofPreviousRatio),
          'median time': span(medianMs),
        })),
      );
    this.table(rows, `Nobody took the first step.${testAppsHint(flags)}`);
    const stale = staleness(answer);
    if (stale !== undefined) this.note(stale);
    return answer;
  }
}
