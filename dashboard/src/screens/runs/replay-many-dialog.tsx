import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { ReplaySummary, RunFilter } from '../../api/types.ts';
import { Choice } from '../../ui/choice.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { tellPlural } from '../../ui/number.ts';
import { Problem } from '../../ui/problem.tsx';

interface ReplayManyDialogProps {
  readonly filter: RunFilter;
  readonly onClose: () => void;
  readonly onStarted: () => void;
}

/** Counts what would be done again first, and does it only then. */
export function ReplayManyDialog({ filter, onClose, onStarted }: ReplayManyDialogProps) {
  const [version, setVersion] = useState<'same' | 'current'>('same');
  const [done, setDone] = useState<ReplaySummary | undefined>(undefined);
  const counted = useResource(`replay:${JSON.stringify(filter)}:${version}`, () => api.replayRuns(filter, { isDry: true, version }));
  if (done !== undefined)
    return (
      <Dialog className="dialog" label="Done again" onClose={onClose}>
        <h2>{tellPlural(done.started, 'run')} started</h2>
        <Refused summary={done} />
        <div className="row">
          <button type="button" className="button button-main" onClick={onClose}>
            Close
          </button>
        </div>
      </Dialog>
    );
  const { value, problem } = counted;
  const startable = value === undefined ? 0 : value.matched - Object.values(value.refused).reduce((sum, count) => sum + count, 0);
  return (
    <Confirm
      title="Do all of these again?"
      action={value === undefined ? 'Counting…' : `Start ${tellPlural(startable, 'run')}`}
      isReady={value !== undefined && !counted.isLoading && startable > 0}
      onClose={onClose}
      onConfirm={async () => {
        setDone(await api.replayRuns(filter, { isDry: false, version }));
        onStarted();
        return 'stay';
      }}
    >
      {problem === undefined ? null : <Problem problem={problem} onRetry={counted.reload} />}
      <p role="status">
        {value === undefined ? (
          'Counting…'
        ) : (
          <>
            <span className="counted">{tellPlural(value.matched, 'run')}</span> match what is chosen above. Each that is done again has
            effects of its own: what was sent is sent once more.
          </>
        )}
      </p>
      {value === undefined ? null : <Refused summary={value} />}
      <Choice
        legend="Which version"
        value={version}
        onChange={setVersion}
        options={[
          { value: 'same', text: 'The one that each run had' },
          { value: 'current', text: 'The one in force now' },
        ]}
      />
    </Confirm>
  );
}

function Refused({ summary }: { readonly summary: ReplaySummary }) {
  const refused = Object.entries(summary.refused);
  if (refused.length === 0) return null;
  return <p className="small soft">Not started: {refused.map(([code, count]) => `${String(count)} by ${code}`).join(', ')}.</p>;
}
