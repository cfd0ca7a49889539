import type { Run, RunInfo } from '@tendril/engine';
import { withInstants } from './instants.ts';

/** A run without its steps as it goes over HTTP. */
export function showRunInfo(run: RunInfo): object {
  return withInstants(run, ['startedAt', 'endedAt']);
}

/** A run with its steps as it goes over HTTP. */
export function showRun(run: Run): object {
  return { ...showRunInfo(run), steps: run.steps.map((step) => withInstants(step, ['startedAt', 'endedAt', 'until'])) };
}

/** What a list shows of a run. */
export function withoutSteps(run: Run): RunInfo {
  const { steps: _steps, settings: _settings, input: _input, output: _output, requestId: _requestId, ...info } = run;
  return info;
}
