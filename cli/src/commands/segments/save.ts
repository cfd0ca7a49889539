import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { readDefinitions } from '../../customers/definition-file.ts';
import { warningLines } from '../../customers/problems.ts';
import type { Warning } from '../../customers/problems.ts';

interface Saved {
  readonly name: string;
  readonly isNew: boolean;
  readonly isChanged: boolean;
  readonly warnings: readonly Warning[];
}

export default class SegmentsSave extends HubCommand {
  static override description =
    'Save a segment: a name and a condition, or a YAML or JSON file with one or several. Who is in is worked out from everything that is known.';
  static override examples = [`tendril segments save buyers 'count("Order Completed", "90d") >= 2'`, 'tendril segments save segments.yaml'];
  static override args = {
    what: Args.string({ required: true, description: 'name of the segment, or a file with `name` and `condition`' }),
    condition: Args.string({ description: 'CEL over the profile and what the person did; without it `what` is a file' }),
  };
  static override flags = {
    title: Flags.string({ description: 'what people read', dependsOn: ['condition'] }),
    announce: Flags.boolean({ description: 'of a new segment: tell of everybody who is in at the first moment, which starts pipelines' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(SegmentsSave);
    const { title } = flags;
    const definitions: readonly Readonly<Record<string, unknown>>[] =
      args.condition === undefined
        ? readDefinitions(args.what)
        : [{ name: args.what, condition: args.condition, ...(title !== undefined && { title }) }];
    const hub = this.hub(flags);
    const saved: Saved[] = [];
    for (const definition of definitions) {
      const one = await callAction<Saved>(hub, 'profiles.segment_save', { ...definition, ...(flags.announce && { announce: true }) });
      saved.push(one);
      this.log(`${one.name} is ${one.isNew ? 'new' : one.isChanged ? 'changed' : 'as it was'}.`);
      for (const line of warningLines(one.warnings, String(definition['condition']))) this.note(line);
    }
    if (saved.some(({ isChanged, isNew }) => isChanged || isNew)) this.log('`tendril segments list` shows how far it is worked out.');
    return { items: saved };
  }
}
