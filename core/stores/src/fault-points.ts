/** The points at which a test may have the process killed, in the order in which one write passes them. */
export const FAULT_POINTS = [
  'log.before-insert',
  'log.before-commit',
  'log.after-commit',
  'log.after-answer',
  'state.before-insert',
  'state.before-commit',
  'state.after-commit',
  'state.after-answer',
] as const;

/** One of them. */
export type FaultPoint = (typeof FAULT_POINTS)[number];

/** Kills the process, without any clean-up, when `kill` is passed for the `after`-th time (from 1). For tests of recovery only. */
export interface Faults {
  readonly kill: FaultPoint;
  readonly after: number;
}

/** Makes the function that counts passages and kills. */
export function createFaultGate(faults: Faults | undefined): (point: FaultPoint) => void {
  if (faults === undefined) return () => undefined;
  let passages = 0;
  return (point) => {
    if (point !== faults.kill) return;
    passages += 1;
    if (passages === faults.after) process.kill(process.pid, 'SIGKILL');
  };
}
