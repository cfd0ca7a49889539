import { useState } from 'react';
import { toApiProblem } from '../api/api-problem.ts';
import type { ApiProblem } from '../api/api-problem.ts';
import { api } from '../api/client.ts';
import { useLive, useLiveStore } from '../live/live-context.ts';

/** The governor's switch: how it stands, and how to turn it. */
export interface GovernorSwitch {
  /** Undefined until the hub has said so. */
  readonly isPaused: boolean | undefined;
  readonly isTurning: boolean;
  readonly problem: ApiProblem | undefined;
  /** @returns whether it worked */
  readonly turn: (isPaused: boolean) => Promise<boolean>;
}

/** Reads and turns the governor's switch. The state shown is always the hub's answer, never a hope. */
export function useGovernor(): GovernorSwitch {
  const store = useLiveStore();
  const isPaused = useLive((live) => live.overview?.governor.isPaused);
  const [isTurning, setTurning] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | undefined>(undefined);

  async function turn(shallPause: boolean): Promise<boolean> {
    setTurning(true);
    setProblem(undefined);
    try {
      await (shallPause ? api.pauseGovernor() : api.resumeGovernor());
      store.takeOverview(await api.overview());
      return true;
    } catch (thrown) {
      setProblem(toApiProblem(thrown));
      return false;
    } finally {
      setTurning(false);
    }
  }
  return { isPaused, isTurning, problem, turn };
}
