import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { PipelineInfo } from '../../api/types.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Problem } from '../../ui/problem.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { useTask } from '../../ui/use-task.ts';

/** How a pipeline stands: whether it starts runs, and whether those in flight go on. */
export function pipelineState({ isPaused, holdsRuns = false }: PipelineInfo): 'active' | 'paused' | 'holding' {
  return isPaused ? (holdsRuns ? 'holding' : 'paused') : 'active';
}

interface PauseSwitchProps {
  readonly pipeline: PipelineInfo;
  readonly onChanged: (pipeline: PipelineInfo) => void;
}

/** Pauses and resumes a pipeline; with a question where runs in flight are held as well. */
export function PauseSwitch({ pipeline, onChanged }: PauseSwitchProps) {
  const [isAsking, setAsking] = useState(false);
  const task = useTask();
  const { id, environment = 'production', isPaused } = pipeline;
  const state = pipelineState(pipeline);

  async function pause(holdsRuns: boolean): Promise<void> {
    await api.pausePipeline(id, environment, holdsRuns);
    onChanged({ ...pipeline, isPaused: true, holdsRuns });
  }
  async function resume(): Promise<void> {
    await api.resumePipeline(id, environment);
    onChanged({ ...pipeline, isPaused: false, holdsRuns: false });
  }
  return (
    <>
      {task.problem === undefined ? null : <Problem problem={task.problem} />}
      <StateChip state={state} />
      <button
        type="button"
        className="button"
        disabled={task.isBusy}
        onClick={() => void task.run(() => (isPaused ? resume() : pause(false)))}
      >
        <Icon name={isPaused ? 'play' : 'pause'} />
        {isPaused ? 'Resume pipeline' : 'Pause pipeline'}
      </button>
      {state === 'holding' ? null : (
        <button type="button" className="button button-quiet" onClick={() => setAsking(true)}>
          Hold its runs too
        </button>
      )}
      {isAsking ? (
        <Confirm
          title="Hold everything of this pipeline?"
          action="Pause and hold runs"
          onClose={() => setAsking(false)}
          onConfirm={() => pause(true)}
        >
          <p>
            No run starts, and those in flight stop before their next step. Nothing is lost: they go on where they stand when you resume.
            Waits and time limits go on counting.
          </p>
        </Confirm>
      ) : null}
    </>
  );
}
