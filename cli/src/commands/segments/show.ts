import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { progressOf } from '../../customers/segments.ts';
import type { ShownSegment } from '../../customers/segments.ts';
import { moment } from '../../instants.ts';

interface SegmentDetail extends ShownSegment {
  readonly next?: { readonly version: number; readonly condition: string };
  readonly reads: readonly string[];
  readonly usedBy: readonly string[];
}

export default class SegmentsShow extends HubCommand {
  static override description = 'Show a segment: its condition, how many are in, what it reads and what reads it.';
  static override args = { name: Args.string({ required: true, description: 'name of the segment' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(SegmentsShow);
    const segment = await callAction<SegmentDetail>(this.hub(flags), 'profiles.segment_get', { name: args.name });
    const { name, title, description, version, condition, members, savedAt, next, reads, usedBy } = segment;
    this.log(`${title === '' || title === name ? name : `${title} (${name})`}, version ${String(version)}: ${progressOf(segment)}`);
    if (description !== '') this.log(description);
    this.log(`condition   ${condition}`);
    if (next !== undefined) this.log(`will be     ${next.condition}`);
    this.log(`people      ${String(members)}`);
    this.log(`saved       ${moment(savedAt)} UTC`);
    if (reads.length > 0) this.log(`reads       ${reads.join('  ')}`);
    if (usedBy.length > 0) this.log(`read by     ${usedBy.join('  ')}`);
    return segment;
  }
}
