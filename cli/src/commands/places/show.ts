import { Args, Flags } from '@oclif/core';
import { stringify } from 'yaml';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { moment } from '../../instants.ts';

interface PlaceDetail {
  readonly version: number;
  readonly currentVersion: number;
  readonly savedAt: string;
  readonly place: {
    readonly id: string;
    readonly title?: string;
    readonly kind: string;
    readonly strategy?: string;
    readonly fallback: object;
    readonly candidates: readonly {
      readonly id: string;
      readonly when?: string;
      readonly priority?: number;
      readonly weight?: number;
      readonly startsAt?: string;
      readonly endsAt?: string;
      readonly content: object;
    }[];
  };
}

export default class PlacesShow extends HubCommand {
  static override description = 'Show a place with its candidates, as it is or as it was.';
  static override args = { id: Args.string({ required: true, description: 'name of the place' }) };
  static override flags = {
    version: Flags.integer({ description: 'a former version, of the last 20', min: 1 }),
    yaml: Flags.boolean({ description: 'only the definition, as `places save` takes it' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PlacesShow);
    const { version } = flags;
    const detail = await callAction<PlaceDetail>(this.hub(flags), 'profiles.place_get', {
      id: args.id,
      ...(version !== undefined && { version }),
    });
    const { place } = detail;
    if (flags.yaml) {
      this.log(stringify(place).trimEnd());
      return detail;
    }
    const former = detail.version === detail.currentVersion ? '' : `, version ${String(detail.currentVersion)} is in force`;
    this.log(
      `${place.title ?? place.id} (${place.id}), ${place.kind}, version ${String(detail.version)} of ${moment(detail.savedAt)} UTC${former}`,
    );
    this.log(`chosen      ${place.strategy === 'weighted' ? 'by weight among those that fit' : 'the first that fits'}`);
    this.log(`fallback    ${JSON.stringify(place.fallback)}`);
    this.table(
      place.candidates.map(({ id, when, priority, weight, startsAt, endsAt, content }) => ({
        candidate: id,
        for: when ?? 'everybody',
        ...(place.candidates.some((one) => one.priority !== undefined) && { priority: priority ?? 0 }),
        ...(place.strategy === 'weighted' && { weight: weight ?? 1 }),
        ...(place.candidates.some((one) => one.startsAt !== undefined || one.endsAt !== undefined) && {
          time: `${startsAt ?? ''}..${endsAt ?? ''}`,
        }),
        content,
      })),
      'There are no candidates: everybody gets the fallback.',
    );
    return detail;
  }
}
