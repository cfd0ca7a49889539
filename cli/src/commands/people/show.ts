import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { nameOfPerson, PERSON_TEXT, readPerson } from '../../customers/people.ts';
import { moment } from '../../instants.ts';

export default class PeopleShow extends HubCommand {
  static override description = 'Show what is known of a person: traits, identities, groups, segments and consent.';
  static override args = { person: Args.string({ required: true, description: PERSON_TEXT }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PeopleShow);
    const person = await readPerson(this.hub(flags), args.person);
    const { id, identities, groups, segments, aliases, firstSeenAt, lastSeenAt } = person;
    this.log(`${nameOfPerson(person) || 'somebody'} (${id})`);
    this.log(`seen        ${moment(firstSeenAt)} to ${moment(lastSeenAt)} UTC`);
    this.log(`known as    ${identities.join('  ') || '-'}`);
    if (groups.length > 0) this.log(`groups      ${groups.join('  ')}`);
    this.log(`segments    ${segments.join('  ') || '-'}`);
    this.log(
      `consent     ${
        Object.entries(person.consent)
          .map(([purpose, word]) => `${purpose} ${word}`)
          .join('  ') || '-'
      }`,
    );
    this.table(
      Object.entries(person.traits).map(([trait, value]) => ({ trait, value })),
      'No traits are known.',
    );
    if (aliases.length > 1)
      this.log(`Made of ${String(aliases.length)} that were people of their own; \`tendril people merges ${id}\` shows why.`);
    return person;
  }
}
