import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';

interface Run {
  readonly id: string;
  readonly pipeline: string;
  readonly version: number;
  readonly state: string;
  readonly error?: unknown;
  readonly steps: readonly { readonly path: string; readonly id?: string; readonly kind: string; readonly action?: string; readonly state: string; readonly attempts: number; readonly startedAt: number; readonly endedAt?: number; readonly output?: unknown; readonly error?: unknown }[];
}

export default class RunsShow extends HubCommand {
  static override description = 'Show one run with its steps; --json gives inputs and outputs too.';
  static override args = { id: Args.string({ required: true, description: 'id of the run' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(RunsShow);
    const run = await this.hub(flags).request<Run>('GET', `/v1/runs/${encodeURIComponent(args.id)}`);
    this.log(`${run.pipeline} version ${run.version}: ${run.state.replace('_', ' ')}${run.error === undefined ? '' : ` ${JSON.stringify(run.error)}`}`);
    this.table(
      run.steps.map((step) => ({ step: step.id ?? step.path, does: step.action ?? step.kind, state: step.state.replace('_', ' '), attempts: step.attempts, took: step.endedAt === undefined ? '-' : `${step.endedAt - step.startedAt} ms`, result: JSON.stringify(step.error ?? step.output ?? null).slice(0, 80) })),
      'It has no step yet.',
    );
    return run;
  }
}
