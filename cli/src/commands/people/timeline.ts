import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { listByAction } from '../../customers/actions.ts';
import { PERSON_TEXT, personIdOf } from '../../customers/people.ts';
import { moment } from '../../instants.ts';

interface ShownChange {
  readonly kind: 'trait' | 'merged' | 'unmerged' | 'consent';
  readonly trait?: string;
  readonly value?: unknown;
  readonly before?: unknown;
  readonly category?: string;
  readonly isGranted?: boolean;
  readonly person?: string;
  readonly reason?: string;
}

interface ShownEvent {
  readonly id: string;
  readonly name: string;
  readonly occurredAt: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly changes?: readonly ShownChange[];
}

const LONGEST = 100;

export default class PeopleTimeline extends HubCommand {
  static override description = 'Show what a person did and what each event changed, newest first.';
  static override args = { person: Args.string({ required: true, description: PERSON_TEXT }) };
  static override flags = { limit: Flags.integer({ description: 'how many events', default: 30, min: 1, max: 1000 }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PeopleTimeline);
    const hub = this.hub(flags);
    const id = await personIdOf(hub, args.person);
    const items = await listByAction<ShownEvent>(hub, 'profiles.timeline', { id }, flags.limit);
    this.table(
      items.map(({ name, occurredAt, properties, changes = [] }) => ({
        at: moment(occurredAt),
        event: name,
        'what it says': short(Object.keys(properties).length === 0 ? '' : JSON.stringify(properties)),
        'what it changed': short(changes.map(describe).join(', ')),
      })),
      'Nothing has happened yet.',
    );
    return { items };
  }
}

function describe({ kind, trait, value, before, category, isGranted, person, reason }: ShownChange): string {
  switch (kind) {
    case 'trait':
      return `${String(trait)} is ${JSON.stringify(value)}${before === undefined ? '' : `, was ${JSON.stringify(before)}`}`;
    case 'consent':
      return `${String(category)} ${isGranted === true ? 'granted' : 'denied'}`;
    case 'merged':
    case 'unmerged':
      return `${kind === 'merged' ? 'joined with' : 'parted from'} ${String(person)}${reason === undefined ? '' : ` (${reason})`}`;
  }
}

function short(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
