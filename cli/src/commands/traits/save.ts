import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { readDefinitions } from '../../customers/definition-file.ts';
import { warningLines } from '../../customers/problems.ts';
import type { Warning } from '../../customers/problems.ts';
import { AGGREGATES } from '../../customers/traits.ts';

interface Saved {
  readonly name: string;
  readonly isNew: boolean;
  readonly isChanged: boolean;
  readonly warnings: readonly Warning[];
}

export default class TraitsSave extends HubCommand {
  static override description =
    'Save a computed trait, by flags or in a YAML or JSON file with one or several. It is worked out of all that happened; the old one serves meanwhile.';
  static override examples = [
    'tendril traits save spent --event "Order Completed" --aggregate sum --property total --window 90d',
    'tendril traits save traits.yaml',
  ];
  static override args = {
    what: Args.string({ required: true, description: 'name of the trait; without --event a file with `name` and `trait`' }),
  };
  static override flags = {
    event: Flags.string({ description: 'name of the event', dependsOn: ['aggregate'] }),
    aggregate: Flags.string({ description: 'what is made of the events', options: AGGREGATES, dependsOn: ['event'] }),
    property: Flags.string({ description: "of the event's properties", dependsOn: ['event'] }),
    where: Flags.string({ description: 'CEL over `properties`, `context` and `traits`: only such events', dependsOn: ['event'] }),
    window: Flags.string({ description: 'how far back: 90m, 12h, 30d; ever without it', dependsOn: ['event'] }),
    title: Flags.string({ description: 'what people read', dependsOn: ['event'] }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(TraitsSave);
    const { event, aggregate, property, where, window, title } = flags;
    const trait = { event, aggregate, property, where, window };
    const definitions = event === undefined ? readDefinitions(args.what) : [{ name: args.what, trait, title }];
    const hub = this.hub(flags);
    const saved: Saved[] = [];
    for (const definition of definitions) {
      const one = await callAction<Saved>(hub, 'profiles.trait_save', definition);
      saved.push(one);
      this.log(`${one.name} is ${one.isNew ? 'new' : one.isChanged ? 'changed' : 'as it was'}.`);
      for (const line of warningLines(one.warnings, where)) this.note(line);
    }
    return { items: saved };
  }
}
