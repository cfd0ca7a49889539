import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { duration } from '../../instants.ts';

interface Run {
  readonly id: string;
  readonly pipeline: string;
  readonly version: number;
  readonly state: string;
  readonly error?: unknown;
  readonly steps: readonly {
    readonly path: string;
    readonly id?: string;
    readonly kind: string;
    readonly action?: string;
    readonly state: string;
    readonly attempts: number;
    readonly startedAt: string;
    readonly endedAt?: string;
    readonly output?: unknown;
    readonly error?: unknown;
  }[];
}

export default class RunsShow extends HubCommand {
  static override description = 'Show one run with its steps; --json gives inputs and outputs too.';
  static override args = { id: Args.string({ required: true, description: 'id of the run' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(RunsShow);
    const run = await this.hub(flags).request<Run>('GET', `/v1/runs/${encodeURIComponent(args.id)}`);
    this.log(
      `${run.pipeline} version ${run.version}: ${run.state.replace('_', ' ')}${run.error === undefined ? '' : ` ${JSON.stringify(run.error)}`}`,
    );
    if (run.state === 'needs_review')
      this.log(
        `Nobody knows whether the marked step took place. Look at the service, then \`tendril runs resolve ${run.id} happened|retry|fail\`.`,
      );
    if (run.state === 'blocked') this.log('It goes on once its connection works again: `tendril connections list`.');
    this.table(
      run.steps.map((step) => ({
        step: step.id ?? step.path,
        does: step.action ?? step.kind,
        state: step.state.replace('_', ' '),
        attempts: step.attempts,
        took: duration(step.startedAt, step.endedAt),
        result: JSON.stringify(step.error ?? step.output ?? null).slice(0, 80),
      })),
      'It has no step yet.',
    );
    return run;
  }
}
