import type { Approval, Run, StepInfo } from '../../api/types.ts';

/** What a step asks approval for, as far as its run says it. The list of approvals says more, but has the oldest first. */
export function readApproval(run: Run, step: StepInfo): Approval {
  return {
    id: `${run.id}/${step.path}`,
    runId: run.id,
    path: step.path,
    pipeline: run.pipeline,
    askedAt: step.startedAt,
    isTest: run.isTest,
    ...(run.personId === undefined ? {} : { personId: run.personId }),
    ...(step.until === undefined ? {} : { until: step.until }),
  };
}
