import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { PERSON_TEXT, personIdOf } from '../../customers/people.ts';
import { moment } from '../../instants.ts';

interface Why {
  readonly isMember: boolean;
  readonly since?: string;
  readonly holdsNow: boolean;
  readonly joinedBy: '&&' | '||';
  readonly clauses: readonly {
    readonly condition: string;
    readonly holds: boolean;
    readonly values: readonly { readonly expression: string; readonly value: unknown }[];
  }[];
  readonly events: readonly { readonly id: string; readonly name: string; readonly occurredAt: string; readonly countsFor: string }[];
}

export default class SegmentsWhy extends HubCommand {
  static override description =
    'Show why somebody is in a segment, or is not: each part of the condition with its values, and the events that counted.';
  static override args = {
    name: Args.string({ required: true, description: 'name of the segment' }),
    person: Args.string({ required: true, description: PERSON_TEXT }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(SegmentsWhy);
    const hub = this.hub(flags);
    const person = await personIdOf(hub, args.person);
    const why = await callAction<Why>(hub, 'profiles.segment_why', { name: args.name, person });
    const { isMember, since, holdsNow, joinedBy, clauses, events } = why;
    this.log(`${person} is ${isMember ? 'in' : 'not in'} ${args.name}${since === undefined ? '' : ` since ${moment(since)} UTC`}.`);
    if (isMember !== holdsNow) this.log('The condition says otherwise by now; the segment follows in a moment.');
    if (clauses.length > 1) this.log(joinedBy === '&&' ? 'All of this has to hold:' : 'One of this has to hold:');
    for (const { condition, holds, values } of clauses) {
      this.log(`${holds ? 'yes' : 'no '}  ${condition}`);
      for (const { expression, value } of values)
        this.log(`       ${expression} is ${value === null ? 'not known' : JSON.stringify(value)}`);
    }
    if (events.length > 0)
      this.table(
        events.map(({ id, name, occurredAt, countsFor }) => ({ at: moment(occurredAt), event: name, 'counts for': countsFor, id })),
        '',
      );
    return why;
  }
}
