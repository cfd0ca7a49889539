import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { nameOfPerson } from '../../customers/people.ts';
import { warningLines } from '../../customers/problems.ts';
import type { Warning } from '../../customers/problems.ts';

interface Preview {
  readonly count: number;
  readonly estimate: number;
  readonly peopleExamined: number;
  readonly peopleTotal: number;
  readonly isPartial: boolean;
  readonly sample: readonly { readonly id: string; readonly traits: Readonly<Record<string, unknown>> }[];
  readonly warnings: readonly Warning[];
}

export default class SegmentsPreview extends HubCommand {
  static override description = 'Count who would be in a segment, without saving it.';
  static override examples = [`tendril segments preview 'profile.traits.plan == "pro" && !did("Signed In", 1, "30d")'`];
  static override args = { condition: Args.string({ required: true, description: 'CEL over the profile and what the person did' }) };
  static override flags = { sample: Flags.integer({ description: 'how many people to show', default: 5, min: 0, max: 50 }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(SegmentsPreview);
    const preview = await callAction<Preview>(this.hub(flags), 'profiles.segment_preview', {
      condition: args.condition,
      sample: flags.sample,
    });
    const { count, estimate, peopleExamined, peopleTotal, isPartial, sample, warnings } = preview;
    this.log(
      isPartial
        ? `About ${String(estimate)} of ${String(peopleTotal)} people: ${String(count)} of the ${String(peopleExamined)} that were looked at.`
        : `${String(count)} of ${String(peopleTotal)} people.`,
    );
    if (flags.sample > 0)
      this.table(
        sample.map((person) => ({ id: person.id, name: nameOfPerson(person) })),
        isPartial ? 'None of those that were looked at would be in; saved, everybody is looked at.' : 'Nobody would be in.',
      );
    for (const line of warningLines(warnings, args.condition)) this.note(line);
    return preview;
  }
}
