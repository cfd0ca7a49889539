import { randomUUID } from 'node:crypto';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { findHub, HubUnreachable } from '../../hub-client.ts';
import { findHome, readJson } from '../../home.ts';
import type { LocalKeys } from '../../home.ts';

export default class EventsSend extends BaseCommand {
  static override description = 'Send one event as an application would.';
  static override examples = ['tendril events send "Signup Completed" --user u1 --properties \'{"plan":"pro"}\'', 'tendril events send --identify --user u1 --traits \'{"email":"ada@example.invalid"}\''];
  static override args = { name: Args.string({ description: 'name of the event' }) };
  static override flags = {
    identify: Flags.boolean({ description: 'an identify call' }),
    user: Flags.string({ description: 'user id' }),
    anonymous: Flags.string({ description: 'anonymous id; a random one when no user is given' }),
    properties: Flags.string({ description: 'properties as JSON', default: '{}' }),
    traits: Flags.string({ description: 'traits as JSON', default: '{}' }),
    url: Flags.string({ description: 'the hub; else TENDRIL_URL, else the one that runs on the data folder' }),
    'write-key': Flags.string({ description: 'a write key; else TENDRIL_WRITE_KEY, else the local one' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(EventsSend);
    if (args.name === undefined && !flags.identify) this.error('Name the event, or say --identify.', { exit: 2 });
    const writeKey = flags['write-key'] ?? process.env['TENDRIL_WRITE_KEY'] ?? readJson<LocalKeys>(findHome(process.env).localFile)?.writeKey;
    if (writeKey === undefined) throw new HubUnreachable('Name a write key with --write-key or TENDRIL_WRITE_KEY.');
    const { url } = findHub({ url: flags.url, key: 'none' }, process.env);
    const call = {
      messageId: randomUUID(),
      ...(flags.user === undefined ? { anonymousId: flags.anonymous ?? randomUUID() } : { userId: flags.user }),
      ...(flags.identify ? { traits: JSON.parse(flags.traits) as unknown } : { event: args.name, properties: JSON.parse(flags.properties) as unknown }),
      timestamp: new Date().toISOString(),
    };
    const response = await fetch(`${url}/v1/${flags.identify ? 'identify' : 'track'}`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${writeKey}:`)}` }, body: JSON.stringify(call) });
    const answer = (await response.json()) as { title?: string };
    if (!response.ok) this.error(`Refused: ${answer.title ?? response.statusText}\n${JSON.stringify(answer, null, 2)}`, { exit: 3 });
    this.log(`Sent as ${call.messageId}.`);
    return { messageId: call.messageId };
  }
}
