import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { percent } from '../../customers/problems.ts';

interface Rates {
  readonly shown: number;
  readonly clicked: number;
  readonly dismissed: number;
  readonly clickedRatio: number | null;
  readonly clickedRatioLow: number | null;
  readonly clickedRatioHigh: number | null;
}

interface Result extends Rates {
  readonly candidate: string;
  readonly isCurrent: boolean;
  readonly heldOut?: Rates;
}

export default class PlacesResults extends HubCommand {
  static override description = 'Show how often each candidate of a place was shown, clicked and dismissed.';
  static override args = { id: Args.string({ required: true, description: 'name of the place' }) };
  static override flags = { version: Flags.integer({ description: 'only of this version', min: 1 }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PlacesResults);
    const { version } = flags;
    const answer = await callAction<{ readonly place: string; readonly candidates: readonly Result[] }>(
      this.hub(flags),
      'profiles.place_results',
      {
        id: args.id,
        ...(version !== undefined && { version }),
      },
    );
    this.table(
      answer.candidates.flatMap((result) => [
        toRow(result.isCurrent ? result.candidate : `${result.candidate} (gone)`, result),
        ...(result.heldOut === undefined ? [] : [toRow(`held out of ${result.candidate}`, result.heldOut)]),
      ]),
      'There are no candidates.',
    );
    if (answer.candidates.every(({ shown }) => shown === 0) && !this.jsonEnabled())
      this.note('Nothing was shown yet: applications report `Decision Shown` and `Decision Clicked` with the decision.');
    return answer;
  }
}

function toRow(
  candidate: string,
  { shown, clicked, dismissed, clickedRatio, clickedRatioLow, clickedRatioHigh }: Rates,
): Readonly<Record<string, unknown>> {
  const between = clickedRatio === null ? '' : `${percent(clickedRatioLow)} to ${percent(clickedRatioHigh)}`;
  return { candidate, shown, clicked, dismissed, ratio: percent(clickedRatio), 'surely (95 %)': between };
}
