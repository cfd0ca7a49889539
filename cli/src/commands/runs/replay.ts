import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { CommandFault, EXIT } from '../../failure.ts';
import type { HubClient } from '../../hub-client.ts';
import { readRunFilter, runFilterFlags } from '../../run-filter.ts';
import { countsText } from '../../simulation-rows.ts';

interface Summary {
  readonly matched: number;
  readonly started: number;
  readonly refused: Readonly<Record<string, number>>;
}

export default class RunsReplay extends HubCommand {
  static override description = 'Do a run again, with effects of its own; or every run of a filter, --dry first.';
  static override examples = [
    'tendril runs replay 0197c1 --from-step mail',
    'tendril runs replay --pipeline welcome --state failed --from 2d --current --dry',
  ];
  static override args = { id: Args.string({ description: 'id of the run; without it the flags say which' }) };
  static override flags = {
    ...runFilterFlags,
    'from-step': Flags.string({
      description: 'id or path of the first step that is done again; results of those before it are taken over',
    }),
    current: Flags.boolean({ description: 'by the version in force instead of the one that the run had' }),
    dry: Flags.boolean({ description: 'of many: only count' }),
    limit: Flags.integer({ description: 'of many: how many at most', default: 10_000, min: 1, max: 10_000 }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(RunsReplay);
    const filter = readRunFilter(flags, Date.now());
    const isOfMany = Object.keys(filter).length > 0;
    if (args.id !== undefined && (isOfMany || flags.dry))
      throw new CommandFault('Name one run, or say by flags which runs; --dry is for many.', EXIT.commandLine);
    if (args.id === undefined && !isOfMany)
      throw new CommandFault('Which runs? Name one, or say it by flags such as --state.', EXIT.commandLine);
    const how = {
      ...(flags['from-step'] === undefined ? {} : { fromStep: flags['from-step'] }),
      ...(flags.current ? { version: 'current' } : {}),
    };
    const hub = this.hub(flags);
    return args.id === undefined ? this.#many(hub, { filter, ...how, isDry: flags.dry, limit: flags.limit }) : this.#one(hub, args.id, how);
  }

  async #one(hub: HubClient, id: string, how: object): Promise<unknown> {
    const again = await hub.request<{ runId: string }>('POST', `/v1/runs/${encodeURIComponent(id)}/replay`, how);
    this.log(`Run ${again.runId} does it again. \`tendril runs show ${again.runId}\` shows it.`);
    return again;
  }

  async #many(hub: HubClient, body: { readonly isDry: boolean; readonly limit: number; readonly filter: object }): Promise<unknown> {
    const summary = await hub.request<Summary>('POST', '/v1/runs/replay', body);
    const { matched, started, refused } = summary;
    const refusals = Object.values(refused).reduce((sum, count) => sum + count, 0);
    this.log(
      body.isDry
        ? `${runsText(matched)} would be meant, ${matched - refusals} of them done again.`
        : `${runsText(matched)} meant, ${started} of them done again.`,
    );
    if (refusals > 0) this.log(`Refused: ${countsText(refused)}.`);
    return summary;
  }
}

function runsText(count: number): string {
  return `${count} run${count === 1 ? '' : 's'}`;
}
