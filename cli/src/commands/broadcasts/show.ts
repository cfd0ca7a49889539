import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { progressText } from '../../broadcast-rows.ts';
import type { ShownBroadcast } from '../../broadcast-rows.ts';
import { moment } from '../../instants.ts';

export default class BroadcastsShow extends HubCommand {
  static override description = 'Show how far a broadcast has come.';
  static override args = { id: Args.string({ required: true, description: 'id of the broadcast' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BroadcastsShow);
    const broadcast = await this.hub(flags).request<ShownBroadcast>('GET', `/v1/broadcasts/${encodeURIComponent(args.id)}`);
    const { pipeline, version, state, segment, perMinute, createdAt, endedAt, started, succeeded, failed, skipped, error } = broadcast;
    const pace = perMinute === undefined ? '' : `, ${perMinute} a minute`;
    this.log(`${pipeline} version ${version}${segment === undefined ? '' : ` to ${segment}`}${pace}: ${state}`);
    this.log(`sent       ${moment(createdAt)} UTC${endedAt === undefined ? '' : `, ended ${moment(endedAt)} UTC`}`);
    this.log(`done       ${progressText(broadcast)}`);
    this.log(`runs       ${started} started, ${succeeded} succeeded, ${failed} failed, ${started - succeeded - failed} others`);
    this.log(`skipped    ${skipped}`);
    if (error !== undefined) this.log(`error      ${JSON.stringify(error)}`);
    if (failed > 0) this.log(`\`tendril runs list --broadcast ${args.id} --state failed\` lists those that failed.`);
    return broadcast;
  }
}
