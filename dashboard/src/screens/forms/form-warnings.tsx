import { api } from '../../api/client.ts';
import type { FormWarning } from '../../api/customers/forms.ts';
import { Problem } from '../../ui/problem.tsx';
import { useTask } from '../../ui/use-task.ts';

const PLUGIN = 'leads';
const PIPELINE = 'double_opt_in';

interface FormWarningsProps {
  readonly warnings: readonly FormWarning[];
  /** Called once what is missing is there. */
  readonly onMended: () => void;
}

/** Says that nothing sends the mail by which people confirm, with a button that has it sent. */
export function FormWarnings({ warnings, onMended }: FormWarningsProps) {
  const task = useTask();
  const [warning] = warnings;
  if (warning === undefined) return null;
  const { code, pipelines } = warning;
  const isPaused = code === 'confirmation_paused';
  const mend = (): void =>
    void task.run(async () => {
      await (isPaused ? resume(pipelines) : addPipeline());
      onMended();
    });
  return (
    <div className="notice form-warning" role="alert">
      <div className="row-between">
        <p>
          <strong>
            {isPaused ? `The pipeline that sends the mail is paused: ${pipelines.join(', ')}.` : 'Nothing sends the mail yet.'}
          </strong>{' '}
          Nobody is asked whether it was them, and every answer stays unconfirmed.
        </p>
        <button type="button" className="button" disabled={task.isBusy} onClick={mend}>
          {task.isBusy ? 'One moment…' : isPaused ? 'Resume it' : 'Have the mails sent'}
        </button>
      </div>
      {isPaused ? null : <p>This adds the pipeline “Ask by e-mail whether it was them” and lets it run; its words can be changed there.</p>}
      {task.problem === undefined ? null : <Problem problem={task.problem} />}
    </div>
  );
}

async function addPipeline(): Promise<void> {
  const ready = (await api.readyPipelines(PLUGIN)).find(({ id }) => id === PIPELINE);
  // Where it is there already, it was paused or changed since this page was shown: it is let run all the same.
  if (ready === undefined || ready.state === 'absent') await api.addReadyPipeline(PLUGIN, PIPELINE);
  await resume([ready?.name ?? `${PLUGIN}_${PIPELINE}`]);
}

async function resume(pipelines: readonly string[]): Promise<void> {
  for (const id of pipelines) await api.resumePipeline(id, 'production');
}
