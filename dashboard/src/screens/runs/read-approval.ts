import type { Approval, Json, Run, StepInfo } from '../../api/types.ts';
import { text } from '../../ui/person-name.ts';

/** What a step of a run asks approval for, as the list of approvals says it. */
export function readApproval(run: Run, step: StepInfo): Approval {
  const asked = isObject(step.input) ? step.input : {};
  const said = { title: text(asked['title']), message: text(asked['message']), by: text(asked['by']) };
  return {
    id: `${run.id}/${step.path}`,
    runId: run.id,
    path: step.path,
    pipeline: run.pipeline,
    askedAt: step.startedAt,
    isTest: run.isTest,
    ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== '')),
    ...(run.personId === undefined ? {} : { personId: run.personId }),
    ...(step.until === undefined ? {} : { until: step.until }),
  };
}

function isObject(value: Json | undefined): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
