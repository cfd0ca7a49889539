/** Lines at which a test may kill the process: each stands between two things of which the disk may know only one. */
export const RUN_FAULT_POINTS = [
  'run.before-start',
  'run.after-start',
  'run.before-load',
  'step.before-call',
  'step.before-intent',
  'step.after-intent',
  'step.after-call',
  'step.before-check',
  'step.after-check',
  'step.before-child',
  'step.before-journal',
  'step.after-journal',
  'run.before-suspend',
  'run.after-suspend',
  'run.before-finish',
  'run.after-finish',
  'trigger.before-changes',
  'pending.before-commit',
  'pending.after-commit',
  'wait.before-register',
  'wait.after-register',
  'wait.before-look-back',
  'wait.after-look-back',
  'wait.before-arrival',
  'wait.before-end',
  'approval.before-ask',
  'approval.before-end',
  'schedule.before-changes',
  'schedule.after-changes',
  'broadcast.before-page',
  'broadcast.after-page',
  'source.before-changes',
  'source.after-changes',
  'prune.before-reschedule',
  'backfill.before-changes',
] as const;

/** Name of a line at which a test may kill the process. */
export type RunFaultPoint = (typeof RUN_FAULT_POINTS)[number];

/** Called at each of these lines; does nothing outside of tests. */
export type FaultPoint = (name: RunFaultPoint) => void;
