import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { nameOfPerson, questionsFor } from '../../customers/people.ts';
import type { ShownPerson } from '../../customers/people.ts';
import { ago } from '../../instants.ts';

export default class PeopleFind extends HubCommand {
  static override description = 'Find a person by an identity: userId, anonymousId, e-mail address, phone number, or one of your own.';
  static override examples = [
    'tendril people find ada@example.com',
    'tendril people find userId:u1',
    'tendril people find external.crm_id:42',
  ];
  static override args = {
    who: Args.string({ required: true, description: 'an address, a number, `kind:value`, or a userId or anonymousId as it is' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PeopleFind);
    const hub = this.hub(flags);
    const asked = questionsFor(args.who);
    let person: ShownPerson | null = null;
    for (const question of asked.length === 0 ? [{ userId: args.who }, { anonymousId: args.who }] : asked) {
      ({ person } = await callAction<{ person: ShownPerson | null }>(hub, 'profiles.find', question));
      if (person !== null) break;
    }
    const rows =
      person === null
        ? []
        : [{ id: person.id, name: nameOfPerson(person), seen: ago(person.lastSeenAt, Date.now()), segments: person.segments.join(' ') }];
    this.table(rows, `Nobody is known as ${args.who}.`);
    if (person !== null && !this.jsonEnabled()) this.note(`\`tendril people show ${person.id}\` shows what is known.`);
    return { person };
  }
}
