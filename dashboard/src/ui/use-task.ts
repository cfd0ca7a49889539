import { useState } from 'react';
import { toApiProblem } from '../api/api-problem.ts';
import type { ApiProblem } from '../api/api-problem.ts';

/** Something that is asked of the hub once, by a press of a button. */
export interface Task {
  readonly isBusy: boolean;
  readonly problem: ApiProblem | undefined;
  /** @returns whether it worked */
  readonly run: (work: () => Promise<void>) => Promise<boolean>;
  readonly forget: () => void;
}

/** Keeps whether something is under way and what went wrong with it. */
export function useTask(): Task {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | undefined>(undefined);
  async function run(work: () => Promise<void>): Promise<boolean> {
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
      return true;
    } catch (thrown) {
      if (!(thrown instanceof DOMException && thrown.name === 'AbortError')) setProblem(toApiProblem(thrown));
      return false;
    } finally {
      setBusy(false);
    }
  }
  return { isBusy, problem, run, forget: () => setProblem(undefined) };
}
