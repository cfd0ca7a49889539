import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { CommandFault, EXIT } from '../../failure.ts';
import { fromProblem, HubUnreachable } from '../../hub-client.ts';
import type { HubClient, ProblemDetails } from '../../hub-client.ts';
import { readJsonObject } from '../../input.ts';
import { moment, readDuration } from '../../instants.ts';
import { interruption } from '../../interrupt.ts';
import { environmentFlag, meantOverHttp, readMeantPipeline } from '../../pipeline-address.ts';
import { refuseFaults } from '../../pipeline-faults.ts';
import type { Fault } from '../../pipeline-faults.ts';
import { createProgressBar } from '../../progress-bar.ts';
import { stateText } from '../../run-rows.ts';
import { costText, countsText } from '../../simulation-rows.ts';
import type { ShownCall } from '../../simulation-rows.ts';

interface Rehearsal {
  readonly from: string;
  readonly to: string;
  readonly events: number;
  readonly matched: number;
  readonly notStarted: Readonly<Record<string, number>>;
  readonly byState: Readonly<Record<string, number>>;
  readonly actions: readonly {
    readonly action: string;
    readonly effect: string;
    readonly calls: number;
    readonly people: number;
    readonly heldBack: number;
    readonly cost?: Readonly<Record<string, number>>;
  }[];
  readonly runs: readonly {
    readonly eventId: string;
    readonly at: string;
    readonly personId?: string;
    readonly state: string;
    readonly calls: readonly ShownCall[];
  }[];
  readonly caveats: readonly string[];
}

type Answer = { readonly faults: readonly Fault[] } | { readonly rehearsal: Rehearsal };

export default class PipelinesRehearse extends HubCommand {
  static override description =
    'Play every run through that the stored log would have started: who would have been contacted, how often, what it would have cost. Nothing is done.';
  static override examples = ['tendril pipelines rehearse welcome.yaml --last 30d'];
  static override args = { pipeline: Args.string({ required: true, description: 'YAML or JSON file, or id of a deployed pipeline' }) };
  static override flags = {
    ...environmentFlag,
    last: Flags.string({ description: 'how far back, such as 12h, 30d or 4w', default: '30d' }),
    settings: Flags.string({ description: 'instead of those in force: JSON, or a file with it' }),
    limit: Flags.integer({ description: 'how many runs are shown', default: 20, min: 0, max: 1000 }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesRehearse);
    const meant = readMeantPipeline(args.pipeline);
    const answer = await rehearse(this.hub(flags), {
      ...meantOverHttp(meant),
      lastMs: readDuration(flags.last, '--last'),
      limit: flags.limit,
      ...(flags.settings === undefined ? {} : { settings: readJsonObject(flags.settings, '--settings') }),
      ...(flags.environment === undefined ? {} : { environment: flags.environment }),
    });
    if ('faults' in answer) refuseFaults(this, args.pipeline, 'source' in meant ? meant.source : '', answer.faults, 'nothing was played');
    else this.#show(answer.rehearsal);
    return answer;
  }

  #show({ from, to, events, matched, notStarted, byState, actions, runs, caveats }: Rehearsal): void {
    this.log(`From ${moment(from)} to ${moment(to)} UTC: ${events} events of its trigger, ${matched} would have started a run.`);
    if (Object.keys(notStarted).length > 0) this.log(`Not started: ${countsText(notStarted)}.`);
    if (Object.keys(byState).length > 0) this.log(`Runs: ${countsText(byState)}.`);
    this.log('');
    this.table(
      actions.map(({ action, effect, calls, people, heldBack, cost }) => ({
        action,
        effect,
        calls,
        people,
        'held back': heldBack,
        cost: costText(cost),
      })),
      'It would have called no action.',
    );
    if (runs.length > 0) {
      this.log(runs.length < matched ? `\nThe first ${runs.length} of ${matched} runs:` : '');
      this.table(
        runs.map(({ at, personId, eventId, state, calls }) => ({
          at: moment(at),
          person: personId,
          event: eventId,
          state: stateText(state),
          calls: callsText(calls),
        })),
        '',
      );
    }
    for (const caveat of caveats) this.log(`${caveat === caveats[0] ? '\n' : ''}Note: ${caveat}`);
  }
}

/** Actions with an effect, in their order, and why one would have been held back. */
function callsText(calls: readonly ShownCall[]): string {
  return calls
    .filter(({ effect }) => effect !== 'read')
    .map(({ action, heldBack }) => (heldBack === undefined ? action : `${action} (held back: ${heldBack})`))
    .join(', ');
}

async function rehearse(hub: HubClient, body: object): Promise<Answer> {
  const bar = createProgressBar('Rehearsing');
  const { signal } = interruption();
  try {
    for await (const { event, data } of hub.messages('POST', '/v1/pipelines/rehearse', body, signal)) {
      const value: unknown = JSON.parse(data);
      if (event === 'progress') bar.show((value as { done: number }).done, (value as { all: number }).all);
      if (event === 'result') return value as Answer;
      if (event === 'problem') throw fromProblem(value, (value as ProblemDetails).status ?? 500, { key: hub.address.keyOrigin });
    }
  } catch (error) {
    if (signal.aborted) throw new CommandFault('Given up before it was done; it had no effect.', EXIT.tryAgain);
    throw error;
  } finally {
    bar.end();
  }
  throw new HubUnreachable(`The hub at ${hub.address.url} broke off in the middle of its answer.`);
}
