import { useState } from 'react';
import './runs.css';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { Run, StepInfo } from '../../api/types.ts';
import { useLive, useReloadWhen } from '../../live/live-context.ts';
import { Link } from '../../routing/link.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { Problem } from '../../ui/problem.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { ApprovalCard } from '../waiting/approval-card.tsx';
import { readApproval } from './read-approval.ts';
import { Review } from './review.tsx';
import { RunActions } from './run-actions.tsx';
import { ReplayDialog } from './replay-dialog.tsx';
import { RunFacts } from './run-facts.tsx';
import { Step } from './step.tsx';
import { growTree } from './step-tree.ts';

/** One run: its steps from top to bottom, with what went in, what came out and how long it took. */
export function RunScreen({ id }: { readonly id: string }) {
  const [isUnmasked, setUnmasked] = useState(false);
  const run = useResource(`run:${id}:${String(isUnmasked)}`, (signal) => api.run(id, isUnmasked, signal));
  const [replayFrom, setReplayFrom] = useState<StepInfo | undefined>(undefined);
  const { reload } = run;
  useReloadWhen(
    useLive((snapshot) => snapshot.runs.find((each) => each.id === id)),
    reload,
  );
  const title = run.value?.pipeline ?? 'Run';
  return (
    <>
      <PageHead title={title} back={{ href: '/runs', text: 'Runs' }} lead={<span className="mono wrap-anywhere">{id}</span>}>
        {run.value === undefined ? null : (
          <>
            <StateChip state={run.value.state} />
            <RunActions run={run.value} onChanged={reload} />
          </>
        )}
      </PageHead>
      {isUnmasked && run.value === undefined && run.problem !== undefined ? (
        <div className="stack">
          <Problem problem={run.problem} />
          <button type="button" className="button" onClick={() => setUnmasked(false)}>
            Hide personal values again
          </button>
        </div>
      ) : (
        <Loaded resource={run}>
          {(value) => (
            <div className="stack">
              <WaitingPart run={value} onDecided={reload} />
              <div className="run-columns">
                <Steps run={value} onReplay={setReplayFrom} />
                <RunFacts run={value} isUnmasked={isUnmasked} onUnmask={setUnmasked} />
              </div>
            </div>
          )}
        </Loaded>
      )}
      {replayFrom === undefined || run.value === undefined ? null : (
        <ReplayDialog run={run.value} from={replayFrom} onClose={() => setReplayFrom(undefined)} />
      )}
    </>
  );
}

function WaitingPart({ run, onDecided }: { readonly run: Run; readonly onDecided: () => void }) {
  switch (run.state) {
    case 'needs_review':
      return <Review run={run} onResolved={onDecided} />;
    case 'needs_approval':
      return <Approvals run={run} onDecided={onDecided} />;
    case 'blocked':
      return (
        <p className="notice">
          A connection of this run needs a new login. Look at <Link href="/setup">Connections</Link> which one, then run{' '}
          <code>tendril connections add</code>; the run goes on by itself.
        </p>
      );
    default:
      return null;
  }
}

function Approvals({ run, onDecided }: { readonly run: Run; readonly onDecided: () => void }) {
  const approvals = useResource('approvals', (signal) => api.approvals({}, signal));
  const asked = (approvals.value?.items ?? []).filter(({ runId }) => runId === run.id);
  const steps = run.steps.filter((step) => step.state === 'needs_approval');
  return (
    <>
      {steps.map((step) => (
        <ApprovalCard
          key={step.path}
          approval={asked.find(({ path }) => path === step.path) ?? readApproval(run, step)}
          onDecided={onDecided}
        />
      ))}
    </>
  );
}

function Steps({ run, onReplay }: { readonly run: Run; readonly onReplay: (step: StepInfo) => void }) {
  if (run.steps.length === 0) {
    return (
      <div className="panel">
        <Empty icon="runs" title="No step yet">
          The run has been taken up; its first step appears as soon as it is journalled.
        </Empty>
      </div>
    );
  }
  return (
    <ol className="flow" aria-label="Steps">
      {growTree(run.steps).map((node) => (
        <Step key={node.step.path} node={node} onReplay={onReplay} />
      ))}
    </ol>
  );
}
