import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { PERSON_TEXT, personIdOf, questionsFor } from '../../customers/people.ts';
import type { HubClient } from '../../hub-client.ts';
import { readJsonObject } from '../../input.ts';

interface Decided {
  readonly decision: string;
  readonly candidate: string | null;
  readonly version: number;
  readonly content: object;
  readonly reason: string;
}

export default class PlacesDecide extends HubCommand {
  static override description = 'Show what somebody gets at a place, and why. Nothing is sent or counted.';
  static override examples = [`tendril places decide home_hero userId:u1 --context '{"page": "/pricing"}'`];
  static override args = {
    place: Args.string({ required: true, description: 'name of the place' }),
    person: Args.string({ required: true, description: PERSON_TEXT }),
  };
  static override flags = {
    context: Flags.string({ description: 'what rules read as `context`: JSON, or a file with it' }),
    exclude: Flags.string({ description: 'a candidate that is not wanted', multiple: true }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PlacesDecide);
    const hub = this.hub(flags);
    const decided = await callAction<Decided>(hub, 'profiles.decide', {
      ...(await whom(hub, args.person)),
      place: args.place,
      ...(flags.context !== undefined && { context: readJsonObject(flags.context, '--context') }),
      ...(flags.exclude !== undefined && { exclude: flags.exclude }),
    });
    this.log(`${decided.candidate ?? 'The fallback'}: ${JSON.stringify(decided.content)}`);
    this.log(decided.reason);
    this.log(`decision ${decided.decision}`);
    return decided;
  }
}

/** A visitor whom nobody knows yet gets something too: the hub is asked by the identity itself where it takes it. */
async function whom(hub: HubClient, text: string): Promise<Readonly<Record<string, unknown>>> {
  const [question = {}] = questionsFor(text);
  return 'userId' in question || 'anonymousId' in question ? question : { person: await personIdOf(hub, text) };
}
