import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { readDefinitions } from '../../customers/definition-file.ts';

interface Saved {
  readonly id: string;
  readonly version: number;
  readonly candidates: number;
  readonly isChanged: boolean;
}

export default class PlacesSave extends HubCommand {
  static override description = 'Save places from a YAML or JSON file; what `places show --yaml` writes can be edited and saved.';
  static override examples = ['tendril places save home-hero.yaml', 'tendril places show home_hero --yaml > home-hero.yaml'];
  static override args = {
    file: Args.string({ required: true, description: 'file with a place, or a list of them; - is standard input' }),
  };
  static override flags = {
    'based-on': Flags.integer({
      description: 'the version that was edited, 0 for a new place: refused when there is another by now',
      min: 0,
    }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PlacesSave);
    const hub = this.hub(flags);
    const basedOn = flags['based-on'];
    const saved: Saved[] = [];
    for (const place of readDefinitions(args.file)) {
      const one = await callAction<Saved>(hub, 'profiles.place_save', { place, ...(basedOn !== undefined && { basedOn }) });
      saved.push(one);
      this.log(
        `${one.id} ${one.isChanged ? `has version ${String(one.version)}` : `is version ${String(one.version)} as before`}, candidates: ${String(one.candidates)}.`,
      );
    }
    const [first] = saved;
    if (first !== undefined && !this.jsonEnabled())
      this.note(`\`tendril places decide ${first.id} PERSON\` shows what somebody gets, and why.`);
    return { items: saved };
  }
}
