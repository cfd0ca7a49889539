import { randomUUID } from 'node:crypto';
import { Args, Flags } from '@oclif/core';
import { TendrilError } from '@tendril/plugin-api';
import { BaseCommand } from '../../base-command.ts';
import { CommandFault, EXIT } from '../../failure.ts';
import { findHubHome, readJson } from '../../home.ts';
import type { LocalKeys } from '../../home.ts';
import { fetchHub, findHubUrl, isOnThisMachine, readAnswer } from '../../hub-client.ts';
import { parseJsonObject } from '../../input.ts';

export default class EventsSend extends BaseCommand {
  static override description = 'Send one event as an application would.';
  static override examples = [
    'tendril events send "Signup Completed" --user u1 --properties \'{"plan":"pro"}\'',
    'tendril events send --identify --user u1 --traits \'{"email":"ada@example.invalid"}\'',
  ];
  static override args = { name: Args.string({ description: 'name of the event' }) };
  static override flags = {
    identify: Flags.boolean({ description: 'an identify call' }),
    user: Flags.string({ description: 'user id' }),
    anonymous: Flags.string({ description: 'anonymous id; a random one when no user is given' }),
    properties: Flags.string({ description: 'properties as JSON', default: '{}' }),
    traits: Flags.string({ description: 'traits as JSON', default: '{}' }),
    'message-id': Flags.string({ description: 'message id: the same one again is not a second event; a random one unless given' }),
    url: Flags.string({ description: 'the hub; else TENDRIL_URL, else the one that runs on the data folder', helpGroup: 'HUB' }),
    'write-key': Flags.string({ description: 'a write key; else TENDRIL_WRITE_KEY, else the local one', helpGroup: 'HUB' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(EventsSend);
    if (args.name === undefined && !flags.identify) throw new CommandFault('Name the event, or say --identify.', EXIT.commandLine);
    const url = findHubUrl(flags.url, process.env);
    const key = findWriteKey(url, flags['write-key']);
    const call = {
      messageId: flags['message-id'] ?? randomUUID(),
      ...(flags.user === undefined ? { anonymousId: flags.anonymous ?? randomUUID() } : { userId: flags.user }),
      ...(flags.user !== undefined && flags.anonymous !== undefined ? { anonymousId: flags.anonymous } : {}),
      ...(flags.identify
        ? { traits: parseJsonObject(flags.traits, '--traits') }
        : { event: args.name, properties: parseJsonObject(flags.properties, '--properties') }),
      timestamp: new Date().toISOString(),
    };
    const response = await fetchHub(url, `/v1/${flags.identify ? 'identify' : 'track'}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${key.secret}:`)}` },
      body: JSON.stringify(call),
    });
    const answer = (await readAnswer(url, response, { key: key.origin })) as Answer;
    const fault = answer.errors?.find(({ isQuarantined }) => isQuarantined);
    if (fault === undefined) this.log(`Sent as ${call.messageId}.`);
    else
      this.log(
        `Set aside, since it does not match the schema of its name: ${fault.reason}\n\`tendril events quarantine\` lists such events.`,
      );
    return { messageId: call.messageId, isQuarantined: fault !== undefined, ...(fault === undefined ? {} : { reason: fault.reason }) };
  }
}

interface Answer {
  readonly errors?: readonly { readonly isQuarantined: boolean; readonly reason: string }[];
}

function findWriteKey(url: string, given: string | undefined): { readonly secret: string; readonly origin: string } {
  if (given !== undefined) return { secret: given, origin: '--write-key' };
  const named = process.env['TENDRIL_WRITE_KEY'];
  if (named !== undefined) return { secret: named, origin: 'TENDRIL_WRITE_KEY' };
  const { localFile } = findHubHome(process.env);
  const local = isOnThisMachine(url) ? readJson<LocalKeys>(localFile)?.writeKey : undefined;
  if (local === undefined) throw new TendrilError('KEY_MISSING', { expected: 'a write key, by --write-key or TENDRIL_WRITE_KEY' });
  return { secret: local, origin: localFile };
}
